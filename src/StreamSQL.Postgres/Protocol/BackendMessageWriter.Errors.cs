using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.Postgres.Protocol;

/// <summary>ErrorResponse and NoticeResponse: fields named by one letter each.</summary>
internal sealed partial class BackendMessageWriter
{
    /// <summary>ErrorResponse for a statement that failed; the session goes on.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="statement">The text that the error's position counts in, or null.</param>
    public void Error(SqlException error, string? statement = null) =>
        Report(BackendMessageType.ErrorResponse, new()
        {
            Severity = "ERROR",
            SqlState = error.SqlState,
            Message = error.Message,
            Detail = error.Detail,
            Hint = error.Hint,
            Context = error.Context,
            Position = error.Position is { } position ? CountCharacters(statement, position.Offset) + 1 : null,
        });

    /// <summary>ErrorResponse after which the connection ends.</summary>
    public void Fatal(FatalProtocolException error) => Report(BackendMessageType.ErrorResponse, new()
    {
        Severity = "FATAL",
        SqlState = error.SqlState,
        Message = error.Message,
        Detail = error.Detail,
        Hint = error.Hint,
    });

    /// <summary>NoticeResponses, but for those that the session's client_min_messages leaves out.</summary>
    public void Notices(IReadOnlyList<Notice> notices, SessionSettings settings)
    {
        foreach (var notice in notices)
        {
            var isLeftOut = settings.Find("client_min_messages") switch
            {
                "error" => true,
                "warning" => notice.Severity == "NOTICE",
                _ => false,
            };
            if (isLeftOut)
                continue;
            Report(BackendMessageType.NoticeResponse, new()
            {
                Severity = notice.Severity,
                SqlState = notice.SqlState,
                Message = notice.Message,
                Hint = notice.Hint,
            });
        }
    }

    private void Report(BackendMessageType type, DiagnosticFields fields)
    {
        var start = Begin(type);
        Field('S', fields.Severity);
        Field('V', fields.Severity);
        Field('C', fields.SqlState);
        Field('M', fields.Message);
        Field('D', fields.Detail);
        Field('H', fields.Hint);
        Field('W', fields.Context);
        if (fields.Position is { } position)
        {
            _buffer.WriteByte((byte)'P');
            _buffer.WriteNumber(position);
            _buffer.WriteByte(0);
        }

        _buffer.WriteByte(0);
        End(start);
    }

    private void Field(char code, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        _buffer.WriteByte((byte)code);
        _buffer.WriteString(value);
    }

    /// <summary>Clients count characters, .NET counts UTF-16 units.</summary>
    private static int CountCharacters(string? text, int units)
    {
        if (text is null)
            return units;
        var count = 0;
        for (var i = 0; i < Math.Min(units, text.Length); i++)
            count += char.IsLowSurrogate(text[i]) ? 0 : 1;
        return count;
    }

    private readonly record struct DiagnosticFields
    {
        public required string Severity { get; init; }

        public required string SqlState { get; init; }

        public required string Message { get; init; }

        public string? Detail { get; init; }

        public string? Hint { get; init; }

        public string? Context { get; init; }

        public int? Position { get; init; }
    }
}

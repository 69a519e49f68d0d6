using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Protocol;

/// <summary>Parse: a statement gets a name.</summary>
/// <param name="Name">Name of the prepared statement; "" is the unnamed one.</param>
/// <param name="Text">One statement.</param>
/// <param name="ParameterTypes">Declared parameter types; 0 where left open.</param>
internal sealed record ParseMessage(string Name, string Text, uint[] ParameterTypes)
{
    /// <summary>Reads the body.</summary>
    public static ParseMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageBodyReader(body);
        var name = reader.ReadString();
        var text = reader.ReadString();
        var types = new uint[reader.ReadCount(sizeof(uint))];
        for (var i = 0; i < types.Length; i++)
            types[i] = (uint)reader.ReadInt32();
        reader.RequireEnd();
        return new(name, text, types);
    }
}

/// <summary>Bind: parameter values make a portal of a statement. The values are read in place, one after another.</summary>
internal readonly ref struct BindMessage
{
    private readonly FormatCode[] _parameterFormats;
    private readonly ReadOnlySpan<byte> _rest;

    private BindMessage(string portal, string statement, FormatCode[] parameterFormats, int parameterCount, ReadOnlySpan<byte> rest)
    {
        Portal = portal;
        Statement = statement;
        _parameterFormats = parameterFormats;
        ParameterCount = parameterCount;
        _rest = rest;
    }

    /// <summary>Name of the portal; "" is the unnamed one.</summary>
    public string Portal { get; }

    /// <summary>Name of the prepared statement.</summary>
    public string Statement { get; }

    /// <summary>Values that follow.</summary>
    public int ParameterCount { get; }

    /// <summary>Reads the body up to the values.</summary>
    public static BindMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageBodyReader(body);
        var portal = reader.ReadString();
        var statement = reader.ReadString();
        var formats = ReadFormats(ref reader);
        var count = reader.ReadCount(sizeof(int));
        if (formats.Length > 1 && formats.Length != count)
            throw new SqlException(PostgresErrorCodes.ProtocolViolation,
                $"bind message has {formats.Length} parameter formats but {count} parameters");
        return new(portal, statement, formats, count, body[^reader.Remaining..]);
    }

    /// <summary>Reads the values and the result formats behind them.</summary>
    public object?[] ReadValues(IReadOnlyList<ParameterReader> readers, out FormatCode[] resultFormats)
    {
        var reader = new MessageBodyReader(_rest);
        var values = new object?[ParameterCount];
        for (var i = 0; i < values.Length; i++)
        {
            var length = reader.ReadInt32();
            if (length == -1)
                continue;
            var format = _parameterFormats.Length switch { 0 => FormatCode.Text, 1 => _parameterFormats[0], _ => _parameterFormats[i] };
            values[i] = readers[i].Read(reader.ReadBytes(length), format);
        }

        resultFormats = ReadFormats(ref reader);
        reader.RequireEnd();
        return values;
    }

    private static FormatCode[] ReadFormats(ref MessageBodyReader reader)
    {
        var formats = new FormatCode[reader.ReadCount(sizeof(short))];
        for (var i = 0; i < formats.Length; i++)
        {
            var format = (FormatCode)reader.ReadInt16();
            if (format is not (FormatCode.Text or FormatCode.Binary))
                throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"unsupported format code: {(short)format}");
            formats[i] = format;
        }

        return formats;
    }
}

/// <summary>Describe or Close: names a prepared statement or a portal.</summary>
internal readonly record struct TargetMessage(bool IsPortal, string Name)
{
    /// <summary>Reads the body.</summary>
    public static TargetMessage Read(ReadOnlySpan<byte> body, string messageName)
    {
        var reader = new MessageBodyReader(body);
        var kind = reader.ReadByte();
        if (kind is not ((byte)'S' or (byte)'P'))
            throw new SqlException(PostgresErrorCodes.ProtocolViolation, $"invalid {messageName} message subtype {kind}");
        var name = reader.ReadString();
        reader.RequireEnd();
        return new(kind == (byte)'P', name);
    }
}

/// <summary>Execute: runs a portal up to a number of rows; 0 is all.</summary>
internal readonly record struct ExecuteMessage(string Portal, int MaxRows)
{
    /// <summary>Reads the body.</summary>
    public static ExecuteMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageBodyReader(body);
        var portal = reader.ReadString();
        var maxRows = reader.ReadInt32();
        reader.RequireEnd();
        return new(portal, maxRows);
    }
}

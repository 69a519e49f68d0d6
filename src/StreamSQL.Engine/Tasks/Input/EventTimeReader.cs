using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>Reads event times from a source's timestamp column: BIGINT or TIMESTAMP milliseconds, or text with a pattern.</summary>
internal sealed class EventTimeReader
{
    /// <summary>What is given for a row without a valid time; every negative value is one.</summary>
    public const long Invalid = -1;

    private readonly Column _column;
    private readonly JavaDatePattern? _pattern;

    /// <summary>Creates a reader over a column that is decoded anew for each batch.</summary>
    public EventTimeReader(Column column, string? format)
    {
        _column = column;
        _pattern = format is null ? null : JavaDatePattern.Compile(format);
    }

    /// <summary>The event time of a row, milliseconds; negative when there is none.</summary>
    public long Read(int row)
    {
        if (_column.IsNull(row))
            return Invalid;
        if (_column is FixedColumn<long> millis)
            return millis[row];
        return _column is BytesColumn text && _pattern is not null && _pattern.TryParse(text[row], out var value) ? value : Invalid;
    }
}

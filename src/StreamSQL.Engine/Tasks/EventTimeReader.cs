using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;

namespace StreamSQL.Engine.Tasks;

/// <summary>Reads event times from a timestamp column: BIGINT or TIMESTAMP milliseconds, or text with a pattern.</summary>
internal sealed class EventTimeReader
{
    /// <summary>What is given for a row without a valid time; every negative value is one.</summary>
    public const long Invalid = -1;

    private readonly JavaDatePattern? _pattern;

    /// <summary>Creates a reader.</summary>
    /// <param name="format">The pattern of a textual column (Java's DateTimeFormatter), or null.</param>
    public EventTimeReader(string? format) => _pattern = format is null ? null : JavaDatePattern.Compile(format);

    /// <summary>The event time of a row, milliseconds; negative when there is none.</summary>
    public long Read(Column column, int row)
    {
        if (column.IsNull(row))
            return Invalid;
        if (column is FixedColumn<long> millis)
            return millis[row];
        return column is BytesColumn text && _pattern is not null && _pattern.TryParse(text[row], out var value) ? value : Invalid;
    }
}

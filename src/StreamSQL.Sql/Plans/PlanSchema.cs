using StreamSQL.Data.Types;

namespace StreamSQL.Sql.Plans;

/// <summary>The columns that a plan node gives: key columns first, then window bounds (if windowed), then value columns.</summary>
/// <param name="Columns">The columns, in batch order.</param>
/// <param name="Kind">Events or changes of a table.</param>
/// <param name="Window">The window of the key, when the rows are keyed by key and window.</param>
public sealed record PlanSchema(IReadOnlyList<PlanColumn> Columns, RelationKind Kind, WindowSpec? Window = null)
{
    /// <summary>How many key columns stand in front.</summary>
    public int KeyCount => Columns.Count(static column => column.Role == ColumnRole.Key);

    /// <summary>The index of a column by exact name; -1 when there is none.</summary>
    public int IndexOf(string name)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Name == name)
                return i;
        }

        return -1;
    }
}

/// <summary>A column of a plan node.</summary>
public sealed record PlanColumn(string Name, SqlType Type, ColumnRole Role);

/// <summary>What a column is to its row.</summary>
public enum ColumnRole : byte
{
    /// <summary>An ordinary column.</summary>
    Value,

    /// <summary>Part of the record key (stream) or primary key (table).</summary>
    Key,

    /// <summary>Start of the key's window, BIGINT milliseconds.</summary>
    WindowStart,

    /// <summary>End of the key's window, BIGINT milliseconds.</summary>
    WindowEnd,

    /// <summary>What PostgreSQL keeps beside each row of a catalog: found by its name, and in no star.</summary>
    System,
}

/// <summary>What the rows of a relation are.</summary>
public enum RelationKind : byte
{
    /// <summary>Events.</summary>
    Stream,

    /// <summary>The newest row per key; continuously: its changes.</summary>
    Table,

    /// <summary>Finished rows of a bounded query.</summary>
    Rows,
}

/// <summary>The kinds of windows.</summary>
public enum WindowKind : byte
{
    /// <summary>Fixed size, no overlap.</summary>
    Tumbling,

    /// <summary>Fixed size, starting every advance.</summary>
    Hopping,

    /// <summary>Periods of activity, ended by a gap.</summary>
    Session,
}

/// <summary>A window clause; all times in milliseconds.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="SizeMs">Size of a window, or the inactivity gap of a session.</param>
/// <param name="AdvanceMs">Distance of two starts; equal to the size for tumbling.</param>
/// <param name="GraceMs">How long after its end a window accepts rows; null is the default of the rule set.</param>
/// <param name="RetentionMs">How long a window can be read after stream time has passed its start; null
/// is the default (1 day, or size plus grace).</param>
public sealed record WindowSpec(WindowKind Kind, long SizeMs, long AdvanceMs, long? GraceMs, long? RetentionMs);

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>A <see cref="KeyAccess"/> with its values known.</summary>
/// <param name="Points">Whole keys to look up: a batch with the key columns, one row per key; or null for a scan.</param>
/// <param name="WindowStartMin">Least WINDOWSTART, milliseconds.</param>
/// <param name="WindowStartMax">Greatest WINDOWSTART.</param>
/// <param name="WindowEndMin">Least WINDOWEND.</param>
/// <param name="WindowEndMax">Greatest WINDOWEND.</param>
public sealed record TableAccess(
    ChangeBatch? Points, long WindowStartMin = long.MinValue, long WindowStartMax = long.MaxValue, long WindowEndMin = long.MinValue,
    long WindowEndMax = long.MaxValue)
{
    /// <summary>What the first key column may be; null for anything.</summary>
    public KeyBounds? Bounds { get; init; }

    /// <summary>The columns that are wanted, by index; the others may come unspecified. Null for all.</summary>
    public IReadOnlyList<int>? Columns { get; init; }

    /// <summary>Whether the rows' times are wanted; else they may come unspecified.</summary>
    public bool WithTimes { get; init; } = true;

    /// <summary>Where several readers share a scan: hands out what each of them reads.</summary>
    public SlotBlocks? Blocks { get; init; }

    /// <summary>Every row.</summary>
    public static TableAccess All { get; } = new((ChangeBatch?)null);
}

/// <summary>What the first column of a key may be. Values are the first rows of columns of the key's own type, not NULL.</summary>
public sealed record KeyBounds
{
    /// <summary>It is not below this; null for no bound.</summary>
    public Column? Lower { get; init; }

    /// <summary>Whether it may be the lower bound itself.</summary>
    public bool IncludesLower { get; init; }

    /// <summary>It is not above this; null for no bound.</summary>
    public Column? Upper { get; init; }

    /// <summary>Whether it may be the upper bound itself.</summary>
    public bool IncludesUpper { get; init; }

    /// <summary>Of a VARCHAR: what it begins with, in UTF-8; null for anything.</summary>
    public byte[]? TextFront { get; init; }
}

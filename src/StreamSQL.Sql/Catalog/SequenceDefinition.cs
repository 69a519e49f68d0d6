namespace StreamSQL.Sql.Catalog;

/// <summary>
/// A sequence. Values are handed out from blocks that the catalog has set aside, so that none comes
/// twice; what is left of a block is lost at a restart.
/// </summary>
public sealed record SequenceDefinition
{
    /// <summary>Its name, folded to upper case unless it was quoted.</summary>
    public required string Name { get; init; }

    /// <summary>PostgreSQL's name of its type: smallint, integer or bigint.</summary>
    public string Type { get; init; } = "bigint";

    /// <summary>The first value.</summary>
    public required long Start { get; init; }

    /// <summary>From one value to the next; not zero.</summary>
    public required long Increment { get; init; }

    /// <summary>The least value.</summary>
    public required long Minimum { get; init; }

    /// <summary>The greatest value.</summary>
    public required long Maximum { get; init; }

    /// <summary>Whether it begins again behind its last value.</summary>
    public bool Cycles { get; init; }

    /// <summary>The table with whose column it goes; null for none.</summary>
    public string? OwnerTable { get; init; }

    /// <summary>That column.</summary>
    public string? OwnerColumn { get; init; }

    /// <summary>The last value that is set aside; null before the first.</summary>
    public long? Reserved { get; init; }

    /// <summary>The value behind the last one that is set aside; null where there is none.</summary>
    public long? Next
    {
        get
        {
            if (Reserved is not { } last)
                return Start;
            var next = (Int128)last + Increment;
            if (next >= Minimum && next <= Maximum)
                return (long)next;
            return Cycles ? Increment > 0 ? Minimum : Maximum : null;
        }
    }
}

/// <summary>CREATE or ALTER SEQUENCE, setval, or further values set aside: the sequence as it is from then on.</summary>
public sealed record SetSequenceRecord(SequenceDefinition Sequence) : CatalogRecord;

/// <summary>DROP SEQUENCE.</summary>
public sealed record DropSequenceRecord(string Name) : CatalogRecord;

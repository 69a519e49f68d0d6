using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Text;

namespace StreamSQL.Postgres.Catalog;

/// <summary>A constraint of a stream or table, or a unique index, as PostgreSQL's catalog has it; not the primary key.</summary>
/// <param name="Source">Whose it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">As in pg_constraint: c, u or f; i for a unique index that is no constraint.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record CatalogConstraint(CatalogSource Source, string Name, char Kind, IReadOnlyList<CatalogColumn> Columns)
{
    /// <summary>Its identifier.</summary>
    public uint Oid { get; } = CatalogObjects.OidOf($"{Source.Definition.Name}/constraint/{Name}");

    /// <summary>The identifier of the index of UNIQUE; 0 for all others.</summary>
    public uint IndexOid { get; } = Kind is 'u' or 'i' ? CatalogObjects.OidOf($"{Source.Definition.Name}/index/{Name}") : 0;

    /// <summary>The condition of CHECK.</summary>
    public string? Condition { get; init; }

    /// <summary>The table that REFERENCES names; null for all others, and where it is gone.</summary>
    public CatalogSource? Foreign { get; init; }

    /// <summary>The columns there.</summary>
    public IReadOnlyList<CatalogColumn> ForeignColumns { get; init; } = [];

    /// <summary>What was asked for when the key there changes.</summary>
    public char OnUpdate { get; init; } = ' ';

    /// <summary>What was asked for when the row there goes.</summary>
    public char OnDelete { get; init; } = ' ';

    /// <summary>The numbers of its columns.</summary>
    public object?[] Numbers => NumbersOf(Columns);

    /// <summary>The numbers of columns.</summary>
    public static object?[] NumbersOf(IReadOnlyList<CatalogColumn> columns) => [.. columns.Select(static column => (object)column.Number)];

    /// <summary>It as SQL, as pg_get_constraintdef shows it.</summary>
    public string Text => Kind switch
    {
        'c' => $"CHECK (({Condition}))",
        'f' => $"FOREIGN KEY ({NamesOf(Columns)}) REFERENCES {ClientName.Quote(Foreign?.Name ?? "")}({NamesOf(ForeignColumns)})"
            + ActionText("UPDATE", OnUpdate) + ActionText("DELETE", OnDelete),
        _ => $"UNIQUE ({NamesOf(Columns)})",
    };

    /// <summary>The index of UNIQUE as SQL.</summary>
    public string IndexText =>
        $"CREATE UNIQUE INDEX {ClientName.Quote(Name)} ON public.{ClientName.Quote(Source.Name)} USING btree ({NamesOf(Columns)})";

    /// <summary>The constraints of all streams and tables.</summary>
    public static IEnumerable<CatalogConstraint> All(IReadOnlyList<CatalogSource> sources)
    {
        foreach (var source in sources)
        {
            if (source.Definition.Constraints is not { } constraints)
                continue;
            foreach (var check in constraints.Checks)
                yield return new(source, check.Name, 'c', Find(source, check.Columns)) { Condition = check.Condition };
            foreach (var unique in constraints.Unique)
                yield return new(source, unique.Name, unique.IsIndex ? 'i' : 'u', Find(source, unique.Columns));
            foreach (var key in constraints.ForeignKeys)
                yield return ForeignKey(source, key, sources);
        }
    }

    private static CatalogConstraint ForeignKey(CatalogSource source, ForeignKeyConstraint key, IReadOnlyList<CatalogSource> sources)
    {
        var foreign = sources.FirstOrDefault(other => other.Definition.Name == key.Table);
        return new(source, key.Name, 'f', Find(source, key.Columns))
        {
            Foreign = foreign,
            ForeignColumns = foreign is null ? [] : Find(foreign, key.Referenced),
            OnUpdate = key.OnUpdate,
            OnDelete = key.OnDelete,
        };
    }

    private static CatalogColumn[] Find(CatalogSource source, IReadOnlyList<string> names) =>
        [.. names.Select(name => source.Columns.FirstOrDefault(column => column.Name == DisplayName.Of(name))).OfType<CatalogColumn>()];

    private static string NamesOf(IEnumerable<CatalogColumn> columns) =>
        string.Join(", ", columns.Select(static column => ClientName.Quote(column.Name)));

    private static string ActionText(string on, char action) => action switch
    {
        'c' => $" ON {on} CASCADE",
        'r' => $" ON {on} RESTRICT",
        'n' => $" ON {on} SET NULL",
        'd' => $" ON {on} SET DEFAULT",
        _ => "",
    };
}

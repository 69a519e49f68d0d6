using System.Text.Json.Serialization;

namespace StreamSQL.Sql.Catalog;

/// <summary>The constraints of a stream or table, without its primary key. Immutable.</summary>
public sealed record TableConstraints
{
    /// <summary>None.</summary>
    public static TableConstraints None { get; } = new();

    /// <summary>CHECK: what clients' statements may not write. Records of the topic may violate it all the same.</summary>
    public IReadOnlyList<CheckConstraint> Checks { get; init; } = [];

    /// <summary>UNIQUE: kept for those who ask the catalog; nothing checks it.</summary>
    public IReadOnlyList<UniqueConstraint> Unique { get; init; } = [];

    /// <summary>REFERENCES: kept for those who ask the catalog; nothing checks it.</summary>
    public IReadOnlyList<ForeignKeyConstraint> ForeignKeys { get; init; } = [];

    /// <summary>The names of all.</summary>
    [JsonIgnore]
    public IEnumerable<string> Names =>
        [.. Checks.Select(static check => check.Name), .. Unique.Select(static unique => unique.Name),
            .. ForeignKeys.Select(static key => key.Name)];
}

/// <summary>CHECK.</summary>
/// <param name="Name">Its name, as clients see it.</param>
/// <param name="Condition">The condition, as SQL over the columns.</param>
/// <param name="Columns">The columns that it names.</param>
public sealed record CheckConstraint(string Name, string Condition, IReadOnlyList<string> Columns);

/// <summary>UNIQUE, also that of a unique index.</summary>
/// <param name="Name">Its name, as clients see it.</param>
/// <param name="Columns">The columns.</param>
public sealed record UniqueConstraint(string Name, IReadOnlyList<string> Columns)
{
    /// <summary>Whether CREATE UNIQUE INDEX made it: then it is no constraint to clients, and DROP INDEX drops it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsIndex { get; init; }
}

/// <summary>FOREIGN KEY.</summary>
/// <param name="Name">Its name, as clients see it.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Table">The table that they name rows of.</param>
/// <param name="Referenced">The columns there.</param>
/// <param name="OnUpdate">What was asked for when the key there changes, as pg_constraint says it.</param>
/// <param name="OnDelete">What was asked for when the row there goes.</param>
public sealed record ForeignKeyConstraint(
    string Name, IReadOnlyList<string> Columns, string Table, IReadOnlyList<string> Referenced, char OnUpdate, char OnDelete);

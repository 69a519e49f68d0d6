namespace StreamSQL.Sql.Catalog;

/// <summary>A view: a bounded query under a name, planned anew wherever it is read. Immutable.</summary>
public sealed record ViewDefinition
{
    /// <summary>Its name, folded to upper case unless it was quoted.</summary>
    public required string Name { get; init; }

    /// <summary>The query as it was written.</summary>
    public required string Query { get; init; }

    /// <summary>Its columns, as they were when it was made: what a star has meant since is not added.</summary>
    public required IReadOnlyList<ViewColumn> Columns { get; init; }

    /// <summary>The streams, tables and views that its query itself names: none of them can be dropped without it.</summary>
    public required IReadOnlyList<string> Sources { get; init; }
}

/// <summary>A column of a view.</summary>
/// <param name="Name">Its name.</param>
/// <param name="QueryName">The name that the query gives it.</param>
/// <param name="Type">PostgreSQL's name of its type.</param>
public sealed record ViewColumn(string Name, string QueryName, string Type);

using StreamSQL.Data.Types;
using StreamSQL.Engine.SystemRelations;

namespace StreamSQL.Postgres.Catalog;

/// <summary>
/// Writes rows of a catalog relation by column name. A column that is not named is empty: 0, false or
/// "" where PostgreSQL's column is never null (numbers, identifiers, booleans, names, "char"), else null.
/// </summary>
internal sealed class CatalogRows(RelationDefinition definition, SystemRows rows)
{
    private readonly Dictionary<string, int> _index = definition.Columns
        .Select(static (column, at) => KeyValuePair.Create(column.Name, at)).ToDictionary(StringComparer.Ordinal);

    /// <summary>The transaction that made all rows of PostgreSQL's own catalogs.</summary>
    private const long FrozenTransaction = 2;

    /// <summary>Adds a row. Values: bool, int, long, double, string, object?[], null.</summary>
    public void Add(params ReadOnlySpan<(string Column, object? Value)> values)
    {
        var count = definition.Columns.Count;
        var row = new object?[definition.IsView ? count : count + RelationDefinition.SystemColumns.Count];
        for (var i = 0; i < count; i++)
            row[i] = EmptyValue(definition.Columns[i].Type);
        if (!definition.IsView)
            (row[count], row[count + 1]) = ((long)definition.Oid, FrozenTransaction);
        foreach (var (column, value) in values)
            row[_index[column]] = value;
        rows.Add(row);
    }

    private static object? EmptyValue(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Oid or SqlTypeKind.Xid or SqlTypeKind.RegProc or SqlTypeKind.RegType or SqlTypeKind.BigInt => 0L,
        SqlTypeKind.SmallInt or SqlTypeKind.Integer => 0,
        SqlTypeKind.Double => 0d,
        SqlTypeKind.Boolean => false,
        SqlTypeKind.Name or SqlTypeKind.Char => "",
        SqlTypeKind.Array when type.IsVector => Array.Empty<object?>(),
        _ => null,
    };
}

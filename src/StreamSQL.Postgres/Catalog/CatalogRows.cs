using StreamSQL.Data.Types;
using StreamSQL.Engine.SystemRelations;

namespace StreamSQL.Postgres.Catalog;

/// <summary>
/// Writes rows of a catalog relation by column name. A column that is not named is empty: 0, false or "" where PostgreSQL's column is never null
/// (numbers, identifiers, booleans, names, "char"), else null.
/// </summary>
internal sealed class CatalogRows(RelationDefinition definition, SystemRows rows)
{
    private readonly Dictionary<string, int> _index = definition.Columns
        .Select(static (column, at) => KeyValuePair.Create(column.Name, at)).ToDictionary(StringComparer.Ordinal);

    /// <summary>Adds a row. Values: bool, int, long, double, string, object?[], null.</summary>
    public void Add(params ReadOnlySpan<(string Column, object? Value)> values)
    {
        var row = new object?[definition.Columns.Count];
        for (var i = 0; i < row.Length; i++)
            row[i] = EmptyValue(definition.Columns[i].Type);
        foreach (var (column, value) in values)
            row[_index[column]] = value;
        rows.Add(row);
    }

    private static object? EmptyValue(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Oid or SqlTypeKind.RegProc or SqlTypeKind.RegType or SqlTypeKind.BigInt => 0L,
        SqlTypeKind.SmallInt or SqlTypeKind.Integer => 0,
        SqlTypeKind.Double => 0d,
        SqlTypeKind.Boolean => false,
        SqlTypeKind.Name or SqlTypeKind.Char => "",
        _ => null,
    };
}

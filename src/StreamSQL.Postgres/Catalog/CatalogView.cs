using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Text;

namespace StreamSQL.Postgres.Catalog;

/// <summary>A view as a relation of PostgreSQL.</summary>
internal sealed class CatalogView
{
    public CatalogView(ViewDefinition definition, Func<string, uint> takeOid)
    {
        CatalogName = definition.Name;
        CatalogColumns = [.. definition.Columns.Select(static column => column.Name)];
        Name = DisplayName.Of(definition.Name);
        Oid = takeOid(definition.Name);
        RowTypeOid = takeOid(definition.Name + "/type");
        Definition = $" {definition.Query};";
        Columns = [.. definition.Columns.Select(static (column, i) => (i + 1, DisplayName.Of(column.Name), TypeOf(column.Type)))];
    }

    /// <summary>Its name in the catalog.</summary>
    public string CatalogName { get; }

    /// <summary>The names of its columns in the catalog.</summary>
    public IReadOnlyList<string> CatalogColumns { get; }

    /// <summary>The name that clients see.</summary>
    public string Name { get; }

    /// <summary>Its identifier.</summary>
    public uint Oid { get; }

    /// <summary>Identifier of its row type.</summary>
    public uint RowTypeOid { get; }

    /// <summary>Its query, as pg_get_viewdef shows it.</summary>
    public string Definition { get; }

    /// <summary>Its columns: number, name, type.</summary>
    public IReadOnlyList<(int Number, string Name, PgType Type)> Columns { get; }

    // Types stand in the catalog by PostgreSQL's names.
    private static PgType TypeOf(string name)
    {
        var element = name.EndsWith("[]", StringComparison.Ordinal) ? name[..^2] : name;
        var bracket = element.IndexOf('(', StringComparison.Ordinal);
        element = bracket < 0 ? element : element[..bracket];
        if (!PgTypes.ByName.TryGetValue(element, out var type))
            return PgTypes.Jsonb;
        return element == name || bracket > 0 && !name.EndsWith("[]", StringComparison.Ordinal) ? type : type.ToArray();
    }
}

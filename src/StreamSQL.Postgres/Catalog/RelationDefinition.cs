using System.Globalization;
using StreamSQL.Data.Types;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Postgres.Catalog;

/// <summary>
/// A relation of pg_catalog or information_schema: its fixed identifier (0 for a function in FROM), its
/// name and its columns, read from <c>relations.txt</c>.
/// </summary>
/// <param name="Oid">Its object identifier.</param>
/// <param name="Namespace">pg_catalog or information_schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns in order.</param>
/// <param name="IsView">Whether it is a view in PostgreSQL.</param>
internal sealed record RelationDefinition(uint Oid, string Namespace, string Name, IReadOnlyList<PlanColumn> Columns, bool IsView)
{
    private const string ResourceName = "relations.txt";

    /// <summary>
    /// Columns that every row of a table of PostgreSQL has, and no star shows: the relation that it is of, and what wrote it.
    /// </summary>
    public static IReadOnlyList<PlanColumn> SystemColumns { get; } =
        [new("tableoid", SqlType.Oid, ColumnRole.System), new("xmin", SqlType.Xid, ColumnRole.System)];

    private static readonly Lazy<Dictionary<string, RelationDefinition>> LazyAll = new(static () =>
        ReadAll().ToDictionary(static definition => definition.QualifiedName, StringComparer.Ordinal));

    /// <summary>All of them by qualified name.</summary>
    public static IReadOnlyDictionary<string, RelationDefinition> All => LazyAll.Value;

    /// <summary>Those that are relations, not functions in FROM.</summary>
    public static IEnumerable<RelationDefinition> Relations => All.Values.Where(static definition => definition.Oid != 0);

    /// <summary>Kind in pg_class.</summary>
    public string RelationKindCode => IsView ? "v" : "r";

    /// <summary>Namespace and name.</summary>
    public string QualifiedName => $"{Namespace}.{Name}";

    /// <summary>The namespace's identifier.</summary>
    public uint NamespaceOid => CatalogObjects.Namespaces.First(known => known.Name == Namespace).Oid;

    /// <summary>A relation of the engine.</summary>
    public static RelationDefinition Of(SystemRelation relation)
    {
        var parts = relation.Name.Split('.');
        return new(CatalogObjects.OidOf("system/" + relation.Name), parts[0], parts[1], relation.Schema.Columns, IsView: true);
    }

    /// <summary>Reads the resource: a line with identifier and name, then indented lines with the columns.</summary>
    private static List<RelationDefinition> ReadAll()
    {
        using var stream = typeof(RelationDefinition).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {ResourceName}.");
        using var reader = new StreamReader(stream);
        var definitions = new List<RelationDefinition>();
        var columns = new List<PlanColumn>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line[0] == ' ')
            {
                foreach (var column in line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    columns.Add(ReadColumn(column));
                continue;
            }

            columns = [];
            var words = line.Split(' ', '.');
            definitions.Add(new(uint.Parse(words[0], CultureInfo.InvariantCulture), words[1], words[2], columns, words.Length > 3));
        }

        return definitions;
    }

    private static PlanColumn ReadColumn(string text)
    {
        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        return new(text[..blank], TypeOf(text[(blank + 1)..]), ColumnRole.Value);
    }

    /// <summary>Types that StreamSQL does not have are shown by the nearest one: aclitem and pg_node_tree as text.</summary>
    private static SqlType TypeOf(string name) => name switch
    {
        "oid" => SqlType.Oid,
        "xid" => SqlType.Xid,
        "name" => SqlType.Name,
        "\"char\"" => SqlType.Char,
        "boolean" => SqlType.Boolean,
        "smallint" => SqlType.SmallInt,
        "integer" => SqlType.Integer,
        "bigint" => SqlType.BigInt,
        "real" or "double" => SqlType.Double,
        "numeric" => SqlType.Decimal(SqlType.MaxPrecision, 0),
        "regproc" => SqlType.RegProc,
        "regtype" => SqlType.RegType,
        "timestamptz" => SqlType.Timestamp,
        "interval" => SqlType.Interval,
        "bytea" => SqlType.Bytes,
        "oidvector" => SqlType.OidVector,
        "int2vector" => SqlType.Int2Vector,
        "anyarray" => SqlType.ArrayOf(SqlType.Varchar),
        _ when name.EndsWith("[]", StringComparison.Ordinal) => SqlType.ArrayOf(TypeOf(name[..^2])),
        _ => SqlType.Varchar,
    };
}

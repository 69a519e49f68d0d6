using StreamSQL.Data.Types;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Text;

namespace StreamSQL.UnitTests.Postgres.Catalog;

public sealed class SystemCatalogTests
{
    private static readonly SystemSnapshot s_snapshot =
        new(Image(), new Dictionary<string, string> { ["TimeZone"] = "UTC" }, "alice", "streamsql");

    [Fact]
    public void Every_relation_gives_rows_that_fit_its_columns()
    {
        foreach (var relation in SystemCatalog.Relations)
        {
            foreach (var row in Read(relation.Name))
            {
                foreach (var (column, value) in relation.Schema.Columns.Zip(row))
                    Fits(value, column.Type).ShouldBeTrue($"{relation.Name}.{column.Name} is {column.Type}, not {value?.GetType().Name}");
            }
        }
    }

    [Theory]
    [InlineData("pg_catalog.pg_class", 33)]
    [InlineData("pg_catalog.pg_attribute", 26)]
    [InlineData("pg_catalog.pg_type", 32)]
    [InlineData("pg_catalog.pg_proc", 30)]
    [InlineData("information_schema.columns", 44)]
    public void Relations_have_all_columns_of_postgres_15(string name, int columns) => 
        Find(name).Schema.Columns.Count(static column => column.Role != ColumnRole.System).ShouldBe(columns);

    [Fact]
    public void Streams_are_tables_and_materialized_tables_are_materialized_views()
    {
        Column("pg_catalog.pg_class", "relname", "orders", "relkind").ShouldBe("r");
        Column("pg_catalog.pg_class", "relname", "customers", "relkind").ShouldBe("r");
        Column("pg_catalog.pg_class", "relname", "mv_totals", "relkind").ShouldBe("m");
        Column("pg_catalog.pg_class", "relname", "mv_totals_pkey", "relkind").ShouldBe("i");
        Column("pg_catalog.pg_class", "relname", "MixedCase", "relkind").ShouldBe("r");
    }

    [Fact]
    public void Attributes_are_keys_then_window_bounds_then_values()
    {
        var view = (long)Column("pg_catalog.pg_class", "relname", "mv_totals", "oid")!;
        var attributes = Read("pg_catalog.pg_attribute").Where(row => (long)row[0]! == view)
            .Select(static row => ((string)row[1]!, (long)row[2]!, (bool)row[13]!));
        attributes.ShouldBe([("customer", 25L, true), ("windowstart", 20L, true), ("windowend", 20L, false), ("total", 1700L, false)]);
        Column("pg_catalog.pg_constraint", "conname", "mv_totals_pkey", "conkey").ShouldBe(new object?[] { 1, 2 });
    }

    [Fact]
    public void Identifiers_follow_from_names()
    {
        var objects = CatalogObjects.Of(s_snapshot);
        var again = CatalogObjects.Of(s_snapshot with { Catalog = Image() });
        again.Sources.Select(static source => source.Oid).ShouldBe(objects.Sources.Select(static source => source.Oid));
        objects.FindRelation("orders").ShouldBe(objects.Sources.Single(static source => source.Name == "orders").Oid);
        objects.FindRelation("public.ORDERS").ShouldBe(objects.FindRelation("orders"));
        objects.FindRelation("\"MixedCase\"").ShouldNotBeNull();
        objects.FindRelation("mixedcase").ShouldBeNull();
        objects.FindRelation("pg_catalog.pg_class").ShouldBe(1259u);
        objects.NameOf(1259).ShouldBe("pg_class");
        objects.NameOf(objects.FindRelation("\"MixedCase\"")!.Value).ShouldBe("\"MixedCase\"");
    }

    [Fact]
    public void Every_function_that_a_type_names_is_there()
    {
        var functions = Read("pg_catalog.pg_proc").Select(static row => (long)row[0]!).ToHashSet();
        var receive = Index("pg_catalog.pg_type", "typreceive");
        Read("pg_catalog.pg_type").ShouldAllBe(row => functions.Contains((long)row[receive]!));
    }

    [Theory]
    [InlineData("ORDERS", "orders")]
    [InlineData("Orders", "Orders")]
    [InlineData("KSQL_COL_0", "ksql_col_0")]
    [InlineData("?column?", "?column?")]
    public void Names_without_lower_case_are_shown_in_lower_case(string name, string shown) => DisplayName.Of(name).ShouldBe(shown);

    private static SystemRelation Find(string name) => SystemCatalog.Relations.Single(relation => relation.Name == name);

    private static IReadOnlyList<object?[]> Read(string name)
    {
        var rows = new SystemRows();
        Find(name).ReadAsync(s_snapshot, rows, TestContext.Current.CancellationToken).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        return rows.Rows;
    }

    private static int Index(string relation, string column) => Find(relation).Schema.IndexOf(column);

    private static object? Column(string relation, string keyColumn, string key, string column) =>
        Read(relation).Single(row => key.Equals(row[Index(relation, keyColumn)]))[Index(relation, column)];

    private static bool Fits(object? value, SqlType type) => value is null || type.Physical switch
    {
        PhysicalKind.Boolean => value is bool,
        PhysicalKind.Int32 => value is int,
        PhysicalKind.Int64 => value is long,
        PhysicalKind.Double => value is double,
        PhysicalKind.Interval => value is Interval,
        PhysicalKind.Bytes => value is string,
        PhysicalKind.Array => value is object?[] elements && elements.All(element => Fits(element, type.Element!)),
        _ => false,
    };

    private static CatalogImage Image() => CatalogImage.Empty
        .Apply(new CreateSourceRecord(Source("ORDERS", RelationKind.Stream, null, null, new("ID", SqlType.BigInt, true),
            new("ITEM", SqlType.Varchar, false))))
        .Apply(new CreateSourceRecord(Source("CUSTOMERS", RelationKind.Table, null, null, new("ID", SqlType.BigInt, true),
            new("NAME", SqlType.Varchar, false))))
        .Apply(new CreateSourceRecord(Source("MixedCase", RelationKind.Stream, null, null,
            new SourceColumn("x", SqlType.ArrayOf(SqlType.Integer), false))))
        .Apply(new CreateSourceRecord(Source(
            "MV_TOTALS", RelationKind.Table, "CTAS_MV_TOTALS_1", new WindowSpec(WindowKind.Tumbling, 1000, 1000, null, null),
            new("CUSTOMER", SqlType.Varchar, true), new("TOTAL", SqlType.Decimal(10, 2), false))));

    private static SourceDefinition Source(string name, RelationKind kind, string? query, WindowSpec? window,
        params SourceColumn[] columns) => new()
    {
        Name = name,
        Kind = kind,
        Columns = columns,
        Topic = name,
        Partitions = 1,
        KeyFormat = new("KAFKA"),
        ValueFormat = new("JSON"),
        QueryId = query,
        Window = window,
        Statement = "",
    };
}

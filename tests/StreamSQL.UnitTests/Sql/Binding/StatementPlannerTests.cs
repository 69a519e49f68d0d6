using System.Text;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.UnitTests.Sql.Binding;

public sealed class StatementPlannerTests
{
    private const string Setup =
        """
        CREATE STREAM flights (origin VARCHAR KEY, dest VARCHAR, delay INT, distance BIGINT, date VARCHAR)
            WITH (KAFKA_TOPIC='flights', PARTITIONS=4, VALUE_FORMAT='JSON', TIMESTAMP='date', TIMESTAMP_FORMAT='yyyy/MM/dd HH:mm');
        CREATE TABLE airports (iata VARCHAR PRIMARY KEY, name VARCHAR, state VARCHAR) WITH (KAFKA_TOPIC='airports', PARTITIONS=4, VALUE_FORMAT='DELIMITED');
        CREATE TABLE departures AS SELECT origin, COUNT(*) AS n, MAX(delay) AS worst FROM flights WINDOW TUMBLING (SIZE 1 DAY, RETENTION 365 DAYS) GROUP BY origin;
        CREATE TABLE totals AS SELECT dest, COUNT(*) AS n FROM flights GROUP BY dest;
        """;

    private static readonly Dictionary<string, PlanSchema> SystemRelations = new()
    {
        ["pg_catalog.pg_class"] = Relation(("oid", SqlType.Oid), ("relname", SqlType.Name), ("relnamespace", SqlType.Oid),
            ("relkind", SqlType.Char)),
        ["pg_catalog.pg_namespace"] = Relation(("oid", SqlType.Oid), ("nspname", SqlType.Name)),
    };

    private static readonly Lazy<CatalogImage> Catalog = new(() => Apply(CatalogImage.Empty, Setup));

    [Theory]
    [InlineData("continuous.txt")]
    [InlineData("bounded.txt")]
    [InlineData("ddl.txt")]
    [InlineData("errors.txt")]
    public void Plans(string file) => TextCases.Check(Path.Combine("Cases", file), text =>
    {
        try
        {
            return string.Join('\n', SqlParser.ParseScript(text).Select(statement => Describe(Plan(statement, Catalog.Value)))).TrimEnd();
        }
        catch (SqlException error)
        {
            return $"{error.SqlState} at {error.Position?.Line}:{error.Position?.Column}: {error.Message}"
                + (error.Hint is null ? "" : $"\nHint: {error.Hint}");
        }
    });

    [Fact]
    public void ParametersTakeTheTypesOfTheirPlaces()
    {
        var plan = (PlannedSelect)Plan("SELECT dest, $3 FROM totals WHERE dest = $1 AND n > $2 LIMIT $4");
        plan.ParameterTypes.ShouldBe([SqlType.Varchar, SqlType.BigInt, SqlType.Varchar, SqlType.BigInt]);
        var declared = (PlannedSelect)StatementPlanner.Plan(
            SqlParser.ParseStatement("SELECT 1 FROM totals WHERE n = $1"),
            Context(Catalog.Value) with { ParameterTypes = [SqlType.SmallInt] });
        declared.ParameterTypes.ShouldBe([SqlType.SmallInt]);
    }

    [Fact]
    public void CompatibilityBindsBoundedQueriesByKsqlRules()
    {
        var statement = SqlParser.ParseStatement("SELECT 1 FROM totals WHERE n = '1'");
        Should.NotThrow(() => StatementPlanner.Plan(statement, Context(Catalog.Value)));
        var compatible = Context(Catalog.Value) with { Properties = new Dictionary<string, string> { ["ksql.compat"] = "true" } };
        Should.Throw<SqlException>(() => StatementPlanner.Plan(statement, compatible)).SqlState.ShouldBe("42883");
    }

    [Theory]
    [InlineData("INSERT INTO totals (dest, n) VALUES ('x', 'x')", "42804")]
    [InlineData("INSERT INTO parts VALUES (1, 'YWJj')", null)]
    [InlineData("INSERT INTO parts VALUES (1, '***')", "22P02")]
    [InlineData("SELECT * FROM totals LIMIT dest", "42601")]
    [InlineData("SELECT * FROM totals LIMIT -1", "2201W")]
    [InlineData("SELECT * FROM totals LIMIT 1", null)]
    [InlineData("SELECT * FROM totals EMIT CHANGES LIMIT 1 + 1", "42601")]
    public void CompatibilityHasKsqlsRulesForWhatClientsWriteAndForLimits(string text, string? error)
    {
        var catalog = Apply(Catalog.Value,
            "CREATE STREAM parts (id INT KEY, content BYTES) WITH (KAFKA_TOPIC='parts', PARTITIONS=1, VALUE_FORMAT='JSON')");
        var compatible = Context(catalog) with { Properties = new Dictionary<string, string> { ["ksql.compat"] = "true" } };

        var plan = () => StatementPlanner.Plan(SqlParser.ParseStatement(text), compatible);

        if (error is null)
            plan.ShouldNotThrow();
        else
            Should.Throw<SqlException>(() => plan()).SqlState.ShouldBe(error);
    }

    [Theory]
    [InlineData("ksql.compat", "true", false)]
    [InlineData("ksql.compat", "false", true)]
    [InlineData("ksql.persistence.default.format.value", "AVRO", true)]
    public void CompatibilityWantsAValueFormat(string property, string value, bool isPlanned)
    {
        var statement = SqlParser.ParseStatement("CREATE STREAM f (v INT) WITH (KAFKA_TOPIC = 'f', PARTITIONS = 1)");
        var properties = new Dictionary<string, string> { ["ksql.compat"] = "true", [property] = value };

        var plan = () => StatementPlanner.Plan(statement, Context(Catalog.Value) with { Properties = properties });

        if (isPlanned)
            Should.NotThrow(plan);
        else
            Should.Throw<SqlException>(plan).Message.ShouldBe("Statement is missing the 'VALUE_FORMAT' property from the WITH clause.");
    }

    private static PlannedStatement Plan(string text) => Plan(SqlParser.ParseStatement(text), Catalog.Value);

    internal static PlannedStatement Plan(Statement statement) => Plan(statement, Catalog.Value);

    private static PlannedStatement Plan(Statement statement, CatalogImage catalog) => StatementPlanner.Plan(statement, Context(catalog));

    private static PlanningContext Context(CatalogImage catalog) => new(
        catalog, BuiltInFunctions.Registry, new Dictionary<string, int> { ["orders"] = 2 }, SystemRelations,
        new Dictionary<string, string>(), []);

    private static CatalogImage Apply(CatalogImage catalog, string script)
    {
        foreach (var statement in SqlParser.ParseScript(script))
        {
            catalog = Plan(statement, catalog) switch
            {
                PlannedCreateSource create => catalog.Apply(new CreateSourceRecord(create.Source)),
                PlannedPersistentQuery query => catalog.Apply(new CreateQueryRecord(
                    new QueryDefinition
                    {
                        Id = query.QueryId, Statement = statement.Text, Sink = query.Target.Name, Sources = query.Sources,
                        Properties = new Dictionary<string, string>(), Manifest = "", OwnsSink = query.CreatesTarget,
                    },
                    query.Target)),
                var other => throw new InvalidOperationException(other.GetType().Name),
            };
        }

        return catalog;
    }

    private static PlanSchema Relation(params (string Name, SqlType Type)[] columns) =>
        new([.. columns.Select(static c => new PlanColumn(c.Name, c.Type, ColumnRole.Value))], RelationKind.Rows);

    private static string Describe(PlannedStatement planned) => planned switch
    {
        PlannedSelect select => (select.IsContinuous ? "push " : "") + string.Join(", ", select.Columns) + "\n"
            + PlanPrinter.Print(select.Plan),
        PlannedPersistentQuery query =>
            $"{query.QueryId} from {string.Join(", ", query.Sources)} to {Describe(query.Target)}\n{PlanPrinter.Print(query.Plan)}",
        PlannedCreateSource create => $"{(create.Exists ? "exists " : "")}{Describe(create.Source)}" +
            $"{(create.CreatesTopic ? " new topic " + Describe(create.TopicConfigs) : "")}",
        PlannedInsertValues insert => $"insert {insert.Target.Name}" + string.Concat(insert.Rows.Select((row, i) =>
            $"\n  {ExpressionPrinter.Print(row)}{(insert.RowTime[i] is { } time ? $" at {ExpressionPrinter.Print(time)}" : "")}")),
        _ => planned.GetType().Name,
    };

    private static string Describe(SourceDefinition source)
    {
        var text = new StringBuilder();
        text.Append(source.Kind).Append(' ').Append(source.Name).Append(" (");
        text.AppendJoin(", ", source.Columns.Select(static c => $"{c.Name} {c.Type}{(c.IsKey ? " key" : "")}"));
        text.Append(") topic ").Append(source.Topic).Append('/').Append(source.Partitions).Append(' ').Append(source.KeyFormat.Name)
            .Append('+').Append(source.ValueFormat.Name);
        if (source.TimestampColumn is not null)
            text.Append(" timestamp ").Append(source.TimestampColumn).Append(' ').Append(source.TimestampFormat);
        if (source.Window is { } window)
            text.Append(" window ").Append(window.Kind).Append(' ').Append(window.SizeMs);
        return text.ToString();
    }

    private static string Describe(IReadOnlyDictionary<string, string> configs) =>
        string.Join(" ", configs.OrderBy(static c => c.Key).Select(static c => $"{c.Key}={c.Value}"));
}

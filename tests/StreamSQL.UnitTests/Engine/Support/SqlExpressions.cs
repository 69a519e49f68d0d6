using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Data.Functions;

namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>Runs expressions, written as SQL, by ksqlDB's rules over rows of a stream.</summary>
internal static class SqlExpressions
{
    /// <summary>The value of an expression without columns, as CAST to VARCHAR writes it.</summary>
    public static string Run(string expression) => Run("X INTEGER", expression, [Row.At(0, 1)]).Single();

    /// <summary>The value of an expression for each row of a stream with these columns; a failing one is NULL.</summary>
    public static List<string> Run(string columns, string expression, IReadOnlyList<Row> rows, OperatorContext? context = null)
    {
        var (plan, scan) = Plan(columns, expression);
        context ??= Contexts.Create();
        SqlType[] types = [.. scan.Schema.Columns.Select(static column => column.Type)];
        Row[] wanted = [.. rows.Select(row => row with { Values = [.. scan.Columns.Select(index => row.Values[index])] })];
        var results = new List<string>();
        foreach (var batch in Rows.SparseBatches(types, wanted, 4000))
        {
            var values = new ExpressionEvaluator(plan.Expressions[0], context).Evaluate(batch, batch.Selection);
            for (var i = 0; i < batch.Selection.Count; i++)
                results.Add(ExpressionRunner.Show(values, values.Physical(batch.Selection[i])));
        }

        return results;
    }

    /// <summary>The type of an expression over a stream with these columns.</summary>
    public static SqlType TypeOf(string columns, string expression) => Plan(columns, expression).Plan.Expressions[0].Type;

    /// <summary>The columns that CREATE STREAM ... AS makes of a SELECT over stream T with these columns, keys first.</summary>
    public static IEnumerable<string> Names(string columns, string select) =>
        ((PlannedPersistentQuery)StatementPlanner.Plan(SqlParser.ParseStatement($"CREATE STREAM o AS {select}"), Context(Catalog(columns))))
            .Target.Columns.Select(static column => column.Name);

    private static (LogicalProject Plan, LogicalScan Scan) Plan(string columns, string expression)
    {
        var select = (PlannedSelect)StatementPlanner.Plan(SqlParser.ParseStatement($"SELECT {expression} FROM t EMIT CHANGES"),
            Context(Catalog(columns)));
        var project = (LogicalProject)select.Plan;
        return (project, (LogicalScan)project.Input);
    }

    private static CatalogImage Catalog(string columns)
    {
        var create = (PlannedCreateSource)StatementPlanner.Plan(
            SqlParser.ParseStatement($"CREATE STREAM t ({columns}) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON', PARTITIONS = 1)"),
            Context(CatalogImage.Empty));
        return CatalogImage.Empty.Apply(new CreateSourceRecord(create.Source));
    }

    private static PlanningContext Context(CatalogImage catalog) =>
        new(catalog, BuiltInFunctions.Registry, new Dictionary<string, int>(), new Dictionary<string, PlanSchema>(),
            new Dictionary<string, string>(), []);
}

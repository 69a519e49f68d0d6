using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>ASSERT STREAM and ASSERT TABLE: a stream or table is there and is defined as written.</summary>
public static class SourceAssertion
{
    /// <summary>Compares.</summary>
    /// <exception cref="SqlException">P0004: it is not so; or the statement is wrong.</exception>
    public static void Check(AssertSourceStatement assert, CatalogImage catalog)
    {
        var kind = assert.Kind == RelationKind.Stream ? "STREAM" : "TABLE";
        var source = catalog.Sources.GetValueOrDefault(assert.Name.Last.Name)
            ?? throw Failure($"{kind} {assert.Name.Last.Name} does not exist.", assert);
        var options = new WithOptions(assert.Properties);
        if (source.Kind != assert.Kind)
            throw Differs("type", source, kind, source.Kind.ToString().ToUpperInvariant(), assert);
        if (assert.Elements.Count > 0)
            CheckColumns(assert, source, catalog);
        Compare("topic", options.Text("KAFKA_TOPIC"), source.Topic, source, assert);
        Compare("key format", (options.Text("KEY_FORMAT") ?? options.Text("FORMAT"))?.ToUpperInvariant(), source.KeyFormat.Name,
            source, assert);
        Compare("value format", (options.Text("VALUE_FORMAT") ?? options.Text("FORMAT"))?.ToUpperInvariant(), source.ValueFormat.Name,
            source, assert);
        Compare("timestamp column", Folded(options.Text("TIMESTAMP")), source.TimestampColumn, source, assert);
        Compare("timestamp format", options.Text("TIMESTAMP_FORMAT"), source.TimestampFormat, source, assert);
        var wraps = source.ValueFormat.WrapSingle;
        if (options.Flag("WRAP_SINGLE_VALUE") is { } wrap && wrap != (wraps ?? true))
            throw Differs("value serde features", source, $"WRAP_SINGLE_VALUE={wrap}", $"WRAP_SINGLE_VALUE={wraps ?? true}", assert);
        if (options.Window() is { } window && window != source.Window)
            throw Differs("window", source, window.Kind.ToString().ToUpperInvariant(),
                source.Window?.Kind.ToString().ToUpperInvariant() ?? "none", assert);
    }

    /// <summary>The error of an assertion that does not hold.</summary>
    public static SqlException Failure(string message, Statement assert, string? detail = null) =>
        new(PostgresErrorCodes.AssertFailure, message, position: assert.Position, detail: detail);

    private static void CheckColumns(AssertSourceStatement assert, SourceDefinition source, CatalogImage catalog)
    {
        var columns = assert.Elements.Select(element => new SourceColumn(
            element.Name.Name, TypeResolver.Resolve(element.Type, catalog.Types),
            element.Constraint is ColumnConstraint.Key or ColumnConstraint.PrimaryKey)).ToList();
        var expected = Describe([.. columns.Where(static column => column.IsKey), .. columns.Where(static column => !column.IsKey)]);
        var actual = Describe(source.Columns);
        if (expected != actual)
            throw Differs("schema", source, expected, actual, assert);
    }

    private static void Compare(string what, string? expected, string? actual, SourceDefinition source, AssertSourceStatement assert)
    {
        if (expected is not null && expected != actual)
            throw Differs(what, source, expected, actual ?? "none", assert);
    }

    private static SqlException Differs(string what, SourceDefinition source, string expected, string actual,
        AssertSourceStatement assert) =>
        Failure($"Expected {what} does not match actual for source {source.Name}. Expected: {expected}, actual: {actual}", assert);

    private static string? Folded(string? column) =>
        column is ['`', .. var quoted, '`'] ? quoted : column?.ToUpperInvariant();

    private static string Describe(IEnumerable<SourceColumn> columns) =>
        string.Join(", ",
            columns.Select(static column => $"`{column.Name}` {BindingErrors.Name(column.Type)}{(column.IsKey ? " KEY" : "")}"));
}

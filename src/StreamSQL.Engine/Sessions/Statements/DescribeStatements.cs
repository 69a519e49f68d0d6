using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>DESCRIBE a stream or table: its columns; with EXTENDED also topic, formats, queries and what happened to their rows.</summary>
internal sealed class DescribeStatement(EngineServices services, DescribeSourceStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } = syntax.IsExtended
        ? [new("section", SqlType.Varchar), new("name", SqlType.Varchar), new("value", SqlType.Varchar)]
        : [new("field", SqlType.Varchar), new("type", SqlType.Varchar), new("key", SqlType.Varchar)];

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var image = services.Log.Image;
        var source = SourceNames.Find(image, syntax.Name.Last);
        var fields = SourceSchemas.Of(source).Columns.Select(column => new object?[] { column.Name, column.Type.ToString(), KeyText(source, column) });
        if (!syntax.IsExtended)
            return new ListResult("DESCRIBE", Columns!, fields);
        var rows = fields.Select(static field => new object?[] { "column", field[0], $"{field[1]} {field[2]}".TrimEnd() }).ToList();
        Add(rows, "source", "kind", source.Kind.ToString().ToUpperInvariant());
        Add(rows, "source", "statement", source.Statement);
        Add(rows, "source", "key format", source.KeyFormat.Name);
        Add(rows, "source", "value format", source.ValueFormat.Name);
        Add(rows, "source", "timestamp column", source.TimestampColumn is null ? "(the record's timestamp)" : $"{source.TimestampColumn} {source.TimestampFormat}".TrimEnd());
        if (source.Window is { } window)
            Add(rows, "source", "window", $"{window.Kind} {window.SizeMs} ms".ToUpperInvariant());
        await AddTopicAsync(rows, source, cancellation);
        AddQueries(rows, source, image);
        return new ListResult("DESCRIBE", Columns!, rows);
    }

    private static string KeyText(SourceDefinition source, PlanColumn column) => column.Role switch
    {
        ColumnRole.Key when source.Kind == RelationKind.Table => "PRIMARY KEY",
        ColumnRole.Key => "KEY",
        ColumnRole.WindowStart or ColumnRole.WindowEnd => "WINDOW",
        _ => "",
    };

    private static void Add(List<object?[]> rows, string section, string name, object? value) =>
        rows.Add([section, name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)]);

    private static void AddCounters(List<object?[]> rows, string section, QueryCounters counters)
    {
        Add(rows, section, "rows read", counters.RowsIn);
        Add(rows, section, "rows written", counters.RowsOut);
        Add(rows, section, "late rows", counters.LateRows);
        Add(rows, section, "bad rows", counters.BadRows);
        Add(rows, section, "failed expressions", counters.FailedExpressions);
        Add(rows, section, "last error", counters.LastError ?? "");
    }

    private async ValueTask AddTopicAsync(List<object?[]> rows, SourceDefinition source, CancellationToken cancellation)
    {
        Add(rows, "topic", "name", source.Topic);
        Add(rows, "topic", "partitions", source.Partitions);
        for (var i = 0; i < source.Partitions; i++)
        {
            var offsets = await services.Tasks.Broker.GetOffsetsAsync(new TopicPartition(source.Topic, i), cancellation);
            Add(rows, "topic", $"offsets of partition {i}", $"{offsets.LogStart}..{offsets.LastStable}");
        }
    }

    private void AddQueries(List<object?[]> rows, SourceDefinition source, CatalogImage image)
    {
        foreach (var definition in image.Queries.Values)
        {
            var writes = definition.Sink == source.Name;
            if (!writes && !definition.Sources.Contains(source.Name))
                continue;
            Add(rows, writes ? "written by" : "read by", definition.Id, definition.Statement);
            if (services.Queries.Find(definition.Id) is not { } query)
                continue;
            Add(rows, definition.Id, "status", query.Status.ToString().ToUpperInvariant());
            Add(rows, definition.Id, "commits", query.Commits);
            Add(rows, definition.Id, "state bytes", query.StateBytes);
            AddCounters(rows, definition.Id, query.Counters);
        }

        if (services.Tasks.Tables.Find(source.Name) is { } table)
        {
            foreach (var partition in table.Partitions)
                AddCounters(rows, $"in memory, partition {partition.Table.Id}", partition.Counters);
        }
    }
}

/// <summary>DESCRIBE STREAMS or TABLES: the columns of all of them.</summary>
internal sealed class DescribeAllSourcesStatement(EngineServices services, DescribeAllStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } =
        [new("name", SqlType.Varchar), new("field", SqlType.Varchar), new("type", SqlType.Varchar)];

    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var rows = services.Log.Image.Sources.Values.Where(source => source.Kind == syntax.Kind)
            .SelectMany(static source => SourceSchemas.Of(source).Columns.Select(column => new object?[] { source.Name, column.Name, column.Type.ToString() }));
        return ValueTask.FromResult<StatementResult>(new ListResult("DESCRIBE", Columns!, rows));
    }
}

/// <summary>DESCRIBE FUNCTION.</summary>
internal sealed class DescribeFunctionSignatures(EngineServices services, DescribeFunctionStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } = [new("name", SqlType.Varchar), new("signature", SqlType.Varchar), new("description", SqlType.Varchar)];

    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var name = syntax.Name.Last.Name.ToUpperInvariant();
        var functions = services.Engine.Functions;
        var docs = functions.FindScalar(name).Select(static function => function.Doc).ToList();
        if (functions.FindAggregate(name) is { } aggregate)
            docs.Add(aggregate.Doc);
        if (functions.FindLambda(name) is { } lambda)
            docs.Add(lambda.Doc);
        if (functions.FindTable(name) is { } table)
            docs.Add(table.Doc);
        if (docs.Count == 0)
            throw new SqlException(PostgresErrorCodes.UndefinedFunction, $"function {name} does not exist", "SHOW FUNCTIONS lists the functions.", syntax.Position);
        var rows = docs.SelectMany(doc => doc.Signatures.Select(signature => new object?[] { name, signature, doc.Description }));
        return ValueTask.FromResult<StatementResult>(new ListResult("DESCRIBE", Columns!, rows));
    }
}

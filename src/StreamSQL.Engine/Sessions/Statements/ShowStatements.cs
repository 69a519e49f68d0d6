using StreamSQL.Data.Types;
using StreamSQL.Engine.Queries;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>SHOW (or LIST) of what there is.</summary>
internal sealed class ShowListStatement(Session session, EngineServices services, ShowStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } = ColumnsOf(syntax);

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var image = services.Log.Image;
        var rows = (syntax.Target, syntax.IsExtended) switch
        {
            (ShowTarget.Streams, true) => await new SourceDetails(services).OfAllAsync(RelationKind.Stream, cancellation),
            (ShowTarget.Tables, true) => await new SourceDetails(services).OfAllAsync(RelationKind.Table, cancellation),
            (ShowTarget.Streams, _) => Sources(image, RelationKind.Stream),
            (ShowTarget.Tables, _) => Sources(image, RelationKind.Table),
            (ShowTarget.Queries, _) => Queries(image),
            (ShowTarget.Functions, _) => Functions(),
            (ShowTarget.Properties, _) =>
                PropertyDefaults.With(session.Settings.Properties)
                    .Select(static property => new object?[] { property.Key, property.Value }),
            (ShowTarget.Variables, _) => Sorted(session.Variables.All),
            (ShowTarget.Topics, _) => await TopicsAsync(image, cancellation),
            (ShowTarget.Types, _) => image.Types.Select(static type => new object?[] { type.Key, type.Value.ToString() }),
            // No connector is installed.
            _ => [],
        };
        return new ListResult("SHOW", Columns!, rows);
    }

    private static IReadOnlyList<ResultColumn> ColumnsOf(ShowStatement syntax) => (syntax.Target, syntax.IsExtended) switch
    {
        (ShowTarget.Streams or ShowTarget.Tables, true) => SourceDetails.ColumnsOfAll,
        (ShowTarget.Streams or ShowTarget.Tables, _) =>
            [Text("name"), Text("topic"), Text("key_format"), Text("value_format"), new("windowed", SqlType.Boolean)],
        (ShowTarget.Queries, true) => [.. QueryColumns, Text("properties"), Text("plan")],
        (ShowTarget.Queries, _) => QueryColumns,
        (ShowTarget.Topics, true) =>
            [Text("name"), new("partitions", SqlType.Integer), new("internal", SqlType.Boolean), Number("records"), Text("read_by"),
                Text("written_by")],
        (ShowTarget.Topics, _) => [Text("name"), new("partitions", SqlType.Integer)],
        (ShowTarget.Functions, _) => [Text("name"), Text("type"), Text("category")],
        (ShowTarget.Properties, _) => [Text("property"), Text("value")],
        (ShowTarget.Variables, _) => [Text("variable"), Text("value")],
        (ShowTarget.Types, _) => [Text("name"), Text("schema")],
        (ShowTarget.ConnectorPlugins, _) => [Text("class"), Text("type"), Text("version")],
        _ => [Text("name"), Text("type"), Text("class"), Text("status")],
    };

    private static IReadOnlyList<ResultColumn> QueryColumns { get; } =
    [
        Text("id"), Text("status"), Text("sink"), Text("sink_topic"), Number("rows_in"), Number("rows_out"), Number("late_rows"),
        Number("bad_rows"), Number("state_bytes"), Text("last_error"), Text("statement"),
    ];

    private static IEnumerable<object?[]> Sorted(IEnumerable<KeyValuePair<string, string>> pairs) =>
        pairs.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => new object?[] { pair.Key, pair.Value });

    private static ResultColumn Text(string name) => new(name, SqlType.Varchar);

    private static ResultColumn Number(string name) => new(name, SqlType.BigInt);

    private static IEnumerable<object?[]> Sources(CatalogImage image, RelationKind kind) =>
        image.Sources.Values.Where(source => source.Kind == kind)
            .Select(static source => new object?[] { source.Name, source.Topic, source.KeyFormat.Name, source.ValueFormat.Name,
                source.Window is not null });

    private IEnumerable<object?[]> Queries(CatalogImage image)
    {
        foreach (var definition in image.Queries.Values)
        {
            var info = services.Queries.Find(definition.Id) is { } query ? QueryInfo.Of(query) : null;
            object?[] row =
            [
                definition.Id, (info?.Status ?? QueryStatus.Stopped).ToString().ToUpperInvariant(), definition.Sink,
                image.Sources.GetValueOrDefault(definition.Sink)?.Topic, info?.RowsIn ?? 0, info?.RowsOut ?? 0, info?.LateRows ?? 0,
                info?.BadRows ?? 0,
                info?.StateBytes ?? 0, info?.LastError, definition.Statement,
            ];
            yield return syntax.IsExtended
                ? [.. row, string.Join(", ", definition.Properties.Select(static p => $"{p.Key}={p.Value}")), definition.Manifest]
                : row;
        }
    }

    private IEnumerable<object?[]> Functions()
    {
        var functions = services.Engine.Functions;
        return functions.Scalars.Where(static function => char.IsLetter(function.Name[0]))
            .Select(static function => (function.Name, Type: "SCALAR", function.Doc.Category))
            .Concat(functions.Aggregates.Select(static function => (function.Name, Type: "AGGREGATE", function.Doc.Category)))
            .Concat(functions.Lambdas.Select(static function => (function.Name, Type: "SCALAR", function.Doc.Category)))
            .Concat(functions.Tables.Select(static function => (function.Name, Type: "TABLE", function.Doc.Category)))
            .Distinct().OrderBy(static function => function.Name, StringComparer.Ordinal)
            .Select(static function => new object?[] { function.Name, function.Type, function.Category });
    }

    private async ValueTask<IEnumerable<object?[]>> TopicsAsync(CatalogImage image, CancellationToken cancellation)
    {
        var topics = await services.Tasks.Broker.GetTopicsAsync(null, cancellation);
        var rows = new List<object?[]>();
        foreach (var topic in topics.Where(topic => syntax.IsAll || !IsInternal(topic))
            .OrderBy(static topic => topic.Name, StringComparer.Ordinal))
        {
            rows.Add(syntax.IsExtended
                ? [topic.Name, topic.PartitionCount, IsInternal(topic), await CountAsync(topic, cancellation),
                    Users(image, topic.Name, writers: false), Users(image, topic.Name, writers: true)]
                : [topic.Name, topic.PartitionCount]);
        }

        return rows;
    }

    private static bool IsInternal(TopicMetadata topic) => topic.IsInternal || topic.Name.StartsWith('_');

    private async ValueTask<long> CountAsync(TopicMetadata topic, CancellationToken cancellation)
    {
        long count = 0;
        for (var i = 0; i < topic.PartitionCount; i++)
        {
            var offsets = await services.Tasks.Broker.GetOffsetsAsync(new TopicPartition(topic.Name, i), cancellation);
            count += offsets.LastStable - offsets.LogStart;
        }

        return count;
    }

    private static string Users(CatalogImage image, string topic, bool writers)
    {
        var names = image.Sources.Values.Where(source => source.Topic == topic).Select(static source => source.Name)
            .ToHashSet(StringComparer.Ordinal);
        return string.Join(", ", image.Queries.Values.Where(
            query => writers ? names.Contains(query.Sink) : query.Sources.Any(names.Contains)).Select(static query => query.Id));
    }
}

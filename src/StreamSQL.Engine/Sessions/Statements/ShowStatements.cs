using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Queries;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>SHOW (or LIST) STREAMS, TABLES, QUERIES, TOPICS, FUNCTIONS, TYPES, PROPERTIES.</summary>
internal sealed class ShowListStatement : SessionStatement
{
    private readonly Session _session;
    private readonly EngineServices _services;
    private readonly ShowStatement _syntax;

    /// <summary>Creates the statement.</summary>
    /// <exception cref="SqlException">0A000: there is no such list.</exception>
    public ShowListStatement(Session session, EngineServices services, ShowStatement syntax)
    {
        _session = session;
        _services = services;
        _syntax = syntax;
        Columns = syntax.Target switch
        {
            ShowTarget.Streams or ShowTarget.Tables => [Text("name"), Text("topic"), Text("key_format"), Text("value_format"), new("windowed", SqlType.Boolean)],
            ShowTarget.Queries =>
            [
                Text("id"), Text("status"), Text("sink"), Text("sink_topic"), Number("rows_in"), Number("rows_out"), Number("late_rows"),
                Number("bad_rows"), Number("state_bytes"), Text("last_error"), Text("statement"),
            ],
            ShowTarget.Topics => [Text("name"), new("partitions", SqlType.Integer)],
            ShowTarget.Types => [Text("name"), Text("schema")],
            ShowTarget.Functions => [Text("name"), Text("type"), Text("category")],
            ShowTarget.Properties => [Text("property"), Text("value")],
            _ => throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported, $"SHOW {syntax.Target.ToString().ToUpperInvariant()} is not supported", position: syntax.Position),
        };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; }

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var image = _services.Log.Image;
        var rows = _syntax.Target switch
        {
            ShowTarget.Streams => Sources(image, RelationKind.Stream),
            ShowTarget.Tables => Sources(image, RelationKind.Table),
            ShowTarget.Queries => Queries(image),
            ShowTarget.Functions => Functions(),
            ShowTarget.Types => image.Types.Select(static type => new object?[] { type.Key, type.Value.ToString() }),
            ShowTarget.Properties => _session.Settings.Properties.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => new object?[] { p.Key, p.Value }),
            _ => await TopicsAsync(cancellation),
        };
        return new ListResult("SHOW", Columns!, rows);
    }

    private static ResultColumn Text(string name) => new(name, SqlType.Varchar);

    private static ResultColumn Number(string name) => new(name, SqlType.BigInt);

    private static IEnumerable<object?[]> Sources(CatalogImage image, RelationKind kind) =>
        image.Sources.Values.Where(source => source.Kind == kind)
            .Select(static source => new object?[] { source.Name, source.Topic, source.KeyFormat.Name, source.ValueFormat.Name, source.Window is not null });

    private IEnumerable<object?[]> Queries(CatalogImage image)
    {
        foreach (var definition in image.Queries.Values)
        {
            var info = _services.Queries.Find(definition.Id) is { } query ? QueryInfo.Of(query) : null;
            yield return
            [
                definition.Id, (info?.Status ?? QueryStatus.Stopped).ToString().ToUpperInvariant(), definition.Sink,
                image.Sources.GetValueOrDefault(definition.Sink)?.Topic, info?.RowsIn ?? 0, info?.RowsOut ?? 0, info?.LateRows ?? 0, info?.BadRows ?? 0,
                info?.StateBytes ?? 0, info?.LastError, definition.Statement,
            ];
        }
    }

    private IEnumerable<object?[]> Functions()
    {
        var functions = _services.Engine.Functions;
        return functions.Scalars.Where(static function => char.IsLetter(function.Name[0]))
            .Select(static function => (function.Name, Type: "SCALAR", function.Doc.Category))
            .Concat(functions.Aggregates.Select(static function => (function.Name, Type: "AGGREGATE", function.Doc.Category)))
            .Concat(functions.Lambdas.Select(static function => (function.Name, Type: "SCALAR", function.Doc.Category)))
            .Concat(functions.Tables.Select(static function => (function.Name, Type: "TABLE", function.Doc.Category)))
            .Distinct().OrderBy(static function => function.Name, StringComparer.Ordinal)
            .Select(static function => new object?[] { function.Name, function.Type, function.Category });
    }

    private async ValueTask<IEnumerable<object?[]>> TopicsAsync(CancellationToken cancellation)
    {
        var topics = await _services.Tasks.Broker.GetTopicsAsync(null, cancellation);
        return topics.Where(topic => _syntax.IsAll || !(topic.IsInternal || topic.Name.StartsWith('_')))
            .OrderBy(static topic => topic.Name, StringComparer.Ordinal).Select(static topic => new object?[] { topic.Name, topic.PartitionCount });
    }
}

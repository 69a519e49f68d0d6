using System.Globalization;
using System.Text.RegularExpressions;
using StreamSQL.ConformanceTests.Support;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Queries;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Runs one case against an engine of its own: statements first, then the records one by one, each through all queries before the next,
/// then the topics are compared.
/// </summary>
internal sealed partial class QueryCaseRun : IAsyncDisposable
{
    private const string InternalError = "XX000";
    private const string NotSupported = "0A000";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly QueryCase _case;
    private readonly CaseMode _mode;
    private readonly Dictionary<string, int> _partitions = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _patience = new(s_patience);
    private TestEngine _engine;

    private QueryCaseRun(QueryCase queryCase, CaseMode mode, TestEngine engine)
    {
        _case = queryCase;
        _mode = mode;
        _engine = engine;
    }

    /// <summary>The engine of the case.</summary>
    public TestEngine Engine => _engine;

    /// <summary>Ends when the case has had enough time.</summary>
    public CancellationToken Cancellation => _patience.Token;

    /// <summary>How its records are fed.</summary>
    public CaseMode Mode => _mode;

    public static Task<CaseOutcome> RunAsync(QueryCase queryCase, CaseMode mode) => RunAsync(queryCase, mode, static run => run.RunAsync());

    /// <summary>Runs a case by the steps of its suite.</summary>
    public static async Task<CaseOutcome> RunAsync(
        QueryCase queryCase, CaseMode mode, Func<QueryCaseRun, Task<CaseOutcome>> steps, Dictionary<string, string>? defaults = null)
    {
        var properties = new Dictionary<string, string>(defaults ?? new() { ["auto.offset.reset"] = "earliest" })
            { ["ksql.compat"] = "true" };
        foreach (var property in queryCase.Properties)
            properties[property.Key] = property.Value;
        await using var run = new QueryCaseRun(queryCase, mode,
            await TestEngine.StartAsync(new() { Properties = properties }, new FrozenClock()));
        try
        {
            return await steps(run);
        }
        catch (OperationCanceledException)
        {
            return new("it did not come to an end");
        }
        catch (Exception error) when (error is RegistryException or FormatException or NotSupportedException or SqlException)
        {
            return new($"its records or schemas: {error.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _patience.Dispose();
    }

    private async Task<CaseOutcome> RunAsync()
    {
        await CreateTopicsAsync();
        foreach (var statement in _case.Statements)
        {
            if (await ExecuteAsync(statement) is { } error)
                return JudgeError(error, statement);
        }

        await FeedAsync();
        if (_case.ExpectsError)
            return _engine.Engine.Queries.FirstOrDefault(static query => query.Status == QueryStatus.Error) is { } failed
                ? JudgeFailure(failed) : NoError();
        return new(CompareSources(_case.Sources) ?? await CompareTopicsAsync());
    }

    /// <summary>Makes the topics, and registers the schemas, that are there before the statements.</summary>
    public async Task CreateTopicsAsync()
    {
        foreach (var topic in TopicsBefore())
            await CreateTopicAsync(topic);
        await CaseSchemas.RegisterAsync(_engine.Registry, _case, _patience.Token);
    }

    /// <summary>Whether a statement may fail so: it must be the last one of a case that expects an error.</summary>
    public CaseOutcome JudgeError(Exception error, string statement) =>
        JudgeError(error, statement, isExpected: ReferenceEquals(statement, _case.Statements[^1]));

    /// <summary>Whether a statement may fail so, where it may fail at all.</summary>
    public CaseOutcome JudgeError(Exception error, string statement, bool isExpected)
    {
        bool? hasPhrase = _case.ExpectedMessage is { } phrase ? OneLine(error.Message)
            .Contains(OneLine(WithoutWrapping(phrase)), StringComparison.OrdinalIgnoreCase) : null;
        return _case.ExpectsError && isExpected && IsRightKind(error, hasPhrase)
            ? new(null, hasPhrase, error.Message)
            : new($"a statement fails: {Describe(error)}\n    {statement}" +
                $"{(_case.ExpectsError ? $"\n    expected: {_case.ExpectedMessage}" : "")}");
    }

    /// <summary>A query that stops while it runs is what some cases expect of its statement.</summary>
    private CaseOutcome JudgeFailure(QueryInfo failed) =>
        new(null, _case.ExpectedMessage is { } phrase ? OneLine(failed.LastError ?? "")
            .Contains(OneLine(WithoutWrapping(phrase)), StringComparison.OrdinalIgnoreCase) : null);

    /// <summary>The outcome of a case that expects an error when there is none.</summary>
    public CaseOutcome NoError() => new($"no statement fails; expected: {_case.ExpectedMessage}\n    {_case.Statements[^1]}",
        _case.ExpectedMessage is null ? null : false);

    /// <summary>Produces the inputs as the mode says, and waits until all has come through.</summary>
    public async Task FeedAsync()
    {
        // A push query ends with its server: what it reads is restarted before it begins.
        var crashAt = _mode == CaseMode.Restart && !_case.FeedsRunningQuery ? _case.Inputs.Count / 2 : -1;
        for (var i = 0; i < _case.Inputs.Count;)
        {
            var count = _mode == CaseMode.Batch ? RunLength(i) : 1;
            if (i == crashAt)
                await _engine.Engine.WriteSnapshotsAsync(_patience.Token);
            await ProduceAsync(_case.Inputs[i].Topic, _case.Inputs.Skip(i).Take(count));
            if (i == crashAt)
                await CrashAsync();
            await _engine.Engine.WaitUntilCaughtUpAsync(_patience.Token);
            i += count;
        }

        await _engine.Engine.WaitUntilCaughtUpAsync(_patience.Token);
    }

    /// <summary>How many records from one on go to the same topic.</summary>
    private int RunLength(int start)
    {
        var end = start + 1;
        while (end < _case.Inputs.Count && _case.Inputs[end].Topic == _case.Inputs[start].Topic)
            end++;
        return end - start;
    }

    /// <summary>Cuts the power, and starts again with what was durable.</summary>
    public async Task CrashAsync() => _engine = await _engine.CrashAsync();

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>ksqlDB's error texts without what its REST endpoint puts around them.</summary>
    private static string WithoutWrapping(string phrase)
    {
        var statementAt = phrase.IndexOf("\nStatement: ", StringComparison.Ordinal);
        var linkAt = Math.Max(phrase.IndexOf(" See https://", StringComparison.Ordinal),
            phrase.IndexOf(" (see https://", StringComparison.Ordinal));
        var end = Math.Min(statementAt < 0 ? phrase.Length : statementAt, linkAt < 0 ? phrase.Length : linkAt);
        var text = phrase[..end];
        foreach (var prefix in (string[])["Failed to prepare statement: ", "Exception while preparing statement: "])
            text = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
        return text.Trim();
    }

    /// <summary>Topics of sources are there before the statements, those of results are not.</summary>
    private IEnumerable<string> TopicsBefore() => _case.Topics.Select(static topic => topic.Name)
        .Union(_case.Inputs.Select(static input => input.Topic))
        .Union(_case.Statements.Where(static statement => !Result().IsMatch(statement))
            .SelectMany(static statement => TopicProperty().Matches(statement)).Select(static match => match.Groups[1].Value))
        .Where(static name => name.Length > 0);

    [GeneratedRegex(@"\bAS\s+SELECT\b", RegexOptions.IgnoreCase)]
    private static partial Regex Result();

    [GeneratedRegex(@"\bkafka_topic\s*=\s*'([^']*)'", RegexOptions.IgnoreCase)]
    private static partial Regex TopicProperty();

    private int PartitionCount => _mode == CaseMode.Partitions ? 3 : 1;

    // All records go to one partition and stand in one order, so topics have one, but in the mode that is about partitions; where an error
    // is awaited, what the statement says. The times of the cases know no bounds.
    private async Task CreateTopicAsync(string name)
    {
        var written = _case.Statements.Where(statement => TopicProperty().Match(statement).Groups[1].Value == name)
            .Select(static statement => PartitionsProperty().Match(statement));
        var partitions = written.Where(static match => match.Success)
            .Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).FirstOrDefault(1);
        if (!_case.ExpectsError)
            partitions = PartitionCount;
        _partitions[name] = partitions;
        var configs = new Dictionary<string, string>
            { ["message.timestamp.after.max.ms"] = long.MaxValue.ToString(CultureInfo.InvariantCulture) };
        await _engine.Broker.CreateTopicAsync(new(name, partitions, 1, configs), _patience.Token);
    }

    [GeneratedRegex(@"\bpartitions\s*=\s*(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex PartitionsProperty();

    /// <summary>Runs a statement; its error, or null.</summary>
    public async Task<Exception?> ExecuteAsync(string statement)
    {
        try
        {
            await _engine.ExecuteAsync(_case.ExpectsError ? statement : PartitionsProperty()
                .Replace(statement, $"partitions = {PartitionCount}"));
            return null;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return error;
        }
    }

    /// <summary>What is not built yet refuses good statements too, so that refusal counts only with ksqlDB's words in it.</summary>
    private static bool IsRightKind(Exception error, bool? hasPhrase) =>
        error is SqlException sql && sql.SqlState != InternalError && (sql.SqlState != NotSupported || hasPhrase is true);

    private static string Describe(Exception error) => error is SqlException sql ? $"{sql.SqlState} {sql.Message}" : error.ToString();

    /// <summary>Appends records to a topic, one batch for each partition.</summary>
    private async Task ProduceAsync(string topic, IEnumerable<CaseRecord> inputs)
    {
        var codecs = await CodecsOfAsync(topic);
        var partitions = _partitions.GetValueOrDefault(topic, 1);
        foreach (var batch in inputs.Select(input => (input, key: KeyOf(input, codecs.Key)))
            .GroupBy(pair => pair.key is null ? 0 : KeyPartitioner.PartitionOf(pair.key, partitions)))
        {
            using var builder = new RecordBatchBuilder();
            foreach (var (input, key) in batch)
                Append(builder, input, key, codecs.Value.Encode(input.Value));
            await _engine.Broker.ProduceAsync(new TopicPartition(topic, batch.Key), builder.Build(), _patience.Token);
        }
    }

    private static byte[]? KeyOf(CaseRecord input, RecordCodec codec) =>
        codec.Encode(input.Key) is { } key && input.Window is { } window ? TopicContent.AppendWindow(key, window) : codec.Encode(input.Key);

    private static void Append(RecordBatchBuilder builder, CaseRecord input, byte[]? key, byte[]? value)
    {
        var headers = new RecordHeaderWriter();
        foreach (var header in input.Headers)
            headers.Add(System.Text.Encoding.UTF8.GetBytes(header.Name), header.Base64 is { } text ? Convert.FromBase64String(text) : [],
                header.Base64 is not null);
        builder.Append(key, key is not null, value, value is not null, input.Timestamp ?? 0, headers.Encoded, headers.Count);
    }

    private async ValueTask<(RecordCodec Key, RecordCodec Value)> CodecsOfAsync(string topic) =>
        (await CodecOfAsync(topic, isKey: true), await CodecOfAsync(topic, isKey: false));

    private async ValueTask<RecordCodec> CodecOfAsync(string topic, bool isKey)
    {
        var source = SourceOf(topic);
        var spec = isKey ? source?.KeyFormat : source?.ValueFormat;
        var declared = _case.Topics.FirstOrDefault(t => t.Name == topic);
        var format = spec?.Name ?? (isKey ? declared?.KeyFormat ?? "KAFKA" : declared?.ValueFormat ?? "JSON");
        if (format is not ("AVRO" or "PROTOBUF" or "PROTOBUF_NOSR" or "JSON_SR"))
            return new CaseCodec(format, source is null ? null : OnlyType(source, isKey));
        if (format == "PROTOBUF_NOSR")
            return new ProtobufCaseCodec(null, null, source is null ? null : CaseMessage.Of(source, isKey));
        var schemas = _engine.Engine.Schemas!;
        var latest = await schemas.GetVersionAsync(topic + (isKey ? "-key" : "-value"), null, _patience.Token);
        var writer = spec?.SchemaId is { } id ? await schemas.GetAsync(id, _patience.Token) : latest?.Schema;
        if (format == "PROTOBUF")
            return new ProtobufCaseCodec(schemas, writer,
                spec?.SchemaFullName is { } name ? new CaseMessage(name[(name.LastIndexOf('.') + 1)..], []) : null);
        return new SchemaCodec(format, schemas, writer);
    }

    private SourceDefinition? SourceOf(string topic) =>
        _engine.Engine.Catalog.Sources.Values.FirstOrDefault(source => source.Topic == topic);

    private static SqlType? OnlyType(SourceDefinition source, bool isKey) =>
        source.Columns.Where(column => column.IsKey == isKey).Select(static column => column.Type).ToArray() is [var type] ? type : null;

    /// <summary>Whether the streams and tables are there with their schemas and formats; null when they are.</summary>
    public string? CompareSources(IEnumerable<ExpectedSource> sources)
    {
        foreach (var expected in sources)
        {
            if (!_engine.Engine.Catalog.Sources.TryGetValue(expected.Name, out var source))
                return $"there is no {expected.Type} {expected.Name}";
            if (SourceComparison.Compare(expected, source) is { } difference)
                return difference;
        }

        return null;
    }

    /// <summary>Whether the topics hold the outputs, compared as the mode allows; null when they do.</summary>
    public async Task<string?> CompareTopicsAsync()
    {
        var asTables = _mode is CaseMode.Batch or CaseMode.Partitions
            && await TopicComparison.HasForeignKeyJoinsAsync(_engine.Broker, _patience.Token);
        var exactNumbers = !string.Equals(_case.Properties.GetValueOrDefault("use.exact.numeric.comparison"), "false",
            StringComparison.OrdinalIgnoreCase);
        foreach (var topic in _case.Outputs.GroupBy(static output => output.Topic))
        {
            var actual = await TopicContent.ReadAsync(_engine.Broker, topic.Key, _patience.Token);
            if (actual is null)
                return $"there is no topic {topic.Key}";
            var (key, value) = await CodecsOfAsync(topic.Key);
            var comparison = new TopicComparison(key, value, exactNumbers);
            var difference = asTables ? comparison.CompareTables([.. topic], actual)
                : _mode is CaseMode.Batch or CaseMode.Partitions ? comparison.CompareByKey([.. topic], actual)
                : comparison.CompareInOrder([.. topic], actual);
            if (difference is not null)
                return $"{topic.Key}: {difference}{(QueryErrors() is { Length: > 0 } errors ? $"; {errors}" : "")}";
        }

        return null;
    }

    private string QueryErrors() =>
        string.Join("; ", _engine.Engine.Queries.Where(static query => query.LastError is not null)
            .Select(static query => query.LastError));
}

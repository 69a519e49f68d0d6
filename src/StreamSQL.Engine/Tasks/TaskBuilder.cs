using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Engine.Tasks.Output;
using StreamSQL.Engine.Tasks.Snapshots;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks;

/// <summary>Makes the tasks of a query, with restored states, where they stopped.</summary>
internal sealed class TaskBuilder
{
    private readonly QueryDefinition _query;
    private readonly SourceDefinition _target;
    private readonly TaskEnvironment _environment;
    private readonly QueryCounters _counters;
    private readonly MemoryBudget _budget;
    private readonly bool _isCompatible;
    private readonly Dictionary<string, RepartitionFlow> _flows = new(StringComparer.Ordinal);

    /// <summary>Creates a builder for one query.</summary>
    public TaskBuilder(
        QueryDefinition query, SourceDefinition target, TaskEnvironment environment, QueryCounters counters, MemoryBudget budget)
    {
        _query = query;
        _target = target;
        _environment = environment;
        _counters = counters;
        _budget = budget;
        _isCompatible = QueryProperties.IsCompatible(query.Properties);
    }

    /// <summary>Makes the task of a stage and partition.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="committed">The offsets that the query has committed.</param>
    /// <param name="worker">The worker that will run it.</param>
    /// <param name="cancellation">Cancels the restore.</param>
    public async ValueTask<BuiltTask> BuildAsync(
        Stage stage, int partition, IReadOnlyDictionary<TopicPartition, long> committed, TaskWorker worker, CancellationToken cancellation)
    {
        var name = $"{_query.Id}/{stage.Number}/{partition}";
        var source = new TopicPartition(stage.Input.Topic, partition);
        var context = new OperatorContext
        {
            Partition = partition,
            Time = _environment.Time,
            Rules = RuleSet.Ksql,
            Emission = QueryProperties.Emission(_query.Properties),
            Counters = _counters,
            Budget = _budget,
            FailOnError = false,
            KsqlCompat = _isCompatible,
        };
        var outputs = new OutputBuffers();
        var operators = new TaskOperators(stage, context, _environment);
        var stores = operators.Stores.ToList();
        ProducerTimes? times = null;
        if (stage.Input is RepartitionInput repartition)
            stores.Add(times = new ProducerTimes(stage.TimesId, repartition.ProducersSource, repartition.Producers));
        var states = new List<StateChangelog>();
        foreach (var store in stores)
        {
            var state = await CreateChangelogAsync(store, partition, outputs, cancellation);
            states.Add(state);
            var entries = await state.RestoreAsync(_environment.Broker, cancellation);
            if (entries > 0)
                TaskLog.Restored(_environment.Logger, name, store.Id, entries);
        }

        var sink = await CreateSinkAsync(stage, context, outputs, cancellation);
        var position = await StartAsync(stage, source, committed, cancellation);
        TaskInput input = stage.Input switch
        {
            RepartitionInput behind => new OwnInput(
                _environment.Broker, source, new RepartitionDecoder(behind.Schema, behind.WithOld, partition, times!, FlowOf(behind.Topic)), position, worker.Wake),
            SourceInput scan => new ScanMember(
                worker.Scans, new SourceView(scan.Source, scan.Columns, scan.Schema, source, _counters, _environment.Logger), position),
            _ => throw new InvalidOperationException("unknown stage input"),
        };
        var maxBytes = _environment.Options.MaxOpenOutputBytes;
        var chain = new OperatorChain(operators.Operators, sink, () => outputs.SizeInBytes >= maxBytes);
        var parts = new TaskParts(name, input, chain, sink, outputs, states, times, operators.Tables);
        return new BuiltTask(partition, new StreamTask(parts, worker.Wake, _environment.Logger), states, operators);
    }

    private async ValueTask<TaskSink> CreateSinkAsync(Stage stage, OperatorContext context, OutputBuffers outputs, CancellationToken cancellation)
    {
        var schemas = _environment.Schemas;
        if (stage.Output is RepartitionOutput output)
        {
            if (output.KeyOf is { } table)
                output = output with { KeyOf = await SinkSchemas.PrepareAsync(table, schemas, cancellation) };
            return new RepartitionSink(output, context, outputs, FlowOf(output.Topic), schemas);
        }

        var target = await SinkSchemas.PrepareAsync(_target, schemas, cancellation);
        return new ResultSink(target, ((ResultOutput)stage.Output).Schema, context.Partition, outputs, _counters, schemas);
    }

    private async ValueTask<StateChangelog> CreateChangelogAsync(StateStore store, int partition, OutputBuffers outputs, CancellationToken cancellation)
    {
        var changelog = new TopicPartition(InternalTopics.Changelog(_query.Id, store.Id), partition);
        var snapshot = _environment.Snapshots is { } snapshots
            ? new SnapshotSubject(store, await snapshots.OfQueryAsync(_query.Id, store.Id, changelog, cancellation))
            : null;
        return new StateChangelog(store, changelog, outputs, snapshot);
    }

    private RepartitionFlow FlowOf(string topic)
    {
        if (!_flows.TryGetValue(topic, out var flow))
            _flows.Add(topic, flow = new RepartitionFlow());
        return flow;
    }

    /// <summary>Where the query has come to; else where it was to begin.</summary>
    private async ValueTask<long> StartAsync(
        Stage stage, TopicPartition source, IReadOnlyDictionary<TopicPartition, long> committed, CancellationToken cancellation)
    {
        if (committed.TryGetValue(source, out var offset))
            return offset;
        if (stage.Input is SourceInput && _query.StartOffsets.TryGetValue(source.Topic, out var starts) && source.Partition < starts.Count)
            return starts[source.Partition];
        return (await _environment.Broker.GetOffsetsAsync(source, cancellation)).LogStart;
    }
}

/// <summary>A task with what others need of its inside.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Task">The task.</param>
/// <param name="States">Its states.</param>
/// <param name="Operators">Its operators.</param>
internal sealed record BuiltTask(int Partition, StreamTask Task, IReadOnlyList<StateChangelog> States, TaskOperators Operators)
{
    /// <summary>The state of the operator of a node of the stage.</summary>
    public StateStore StateOfNode(int node) => Operators.StoreOfNode(node);
}

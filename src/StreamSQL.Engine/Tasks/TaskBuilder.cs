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
        var context = ContextOf(partition);
        var outputs = new OutputBuffers();
        var operators = new TaskOperators(stage, context, _environment);
        var times = CreateTimes(stage);
        var states = new List<StateChangelog>();
        foreach (var store in operators.Stores.Concat(times.OfType<StateStore>()))
        {
            var state = await CreateChangelogAsync(store, partition, outputs, cancellation);
            states.Add(state);
            var entries = await state.RestoreAsync(_environment.Broker, cancellation);
            if (entries > 0)
                TaskLog.Restored(_environment.Logger, name, store.Id, entries);
        }

        var sinks = new TaskSink[stage.Outputs.Count];
        for (var i = 0; i < sinks.Length; i++)
            sinks[i] = await CreateSinkAsync(stage.Outputs[i], context, outputs, cancellation);
        var lanes = new List<TaskLane>();
        for (var i = 0; i < stage.Inputs.Count; i++)
        {
            var position = await StartAsync(stage.Inputs[i], partition, committed, cancellation);
            lanes.Add(new TaskLane(CreateInput(stage, i, partition, times[i], position, worker), times[i],
                stage.Inputs[i] is RepartitionInput));
        }

        var maxBytes = _environment.Options.MaxOpenOutputBytes;
        var tree = operators.Connect(sinks, () => outputs.SizeInBytes >= maxBytes);
        var parts = new TaskParts(name, lanes, stage.MergesByTime, tree, sinks, outputs, states, operators.Tables);
        return new BuiltTask(partition, new StreamTask(parts, _environment.Time, worker.Wake, _environment.Logger), states, operators);
    }

    /// <summary>The empty state of the operator of a node.</summary>
    public StateStore CreateState(Stage stage, int partition, int node) =>
        new TaskOperators(stage, ContextOf(partition), _environment).StoreOfNode(node);

    private OperatorContext ContextOf(int partition) => new()
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

    private static ProducerTimes?[] CreateTimes(Stage stage) =>
    [
        .. stage.Inputs.Select((input, i) =>
            input is RepartitionInput { Producers: > 0 } behind
                ? new ProducerTimes(StageStates.Times(stage.Number, i), behind.ProducersSources, behind.Producers) : null),
    ];

    /// <summary>
    /// A stage with one source shares its reading with others; where rows are held until those of
    /// another input come, nobody else is to wait for that.
    /// </summary>
    private TaskInput CreateInput(Stage stage, int index, int partition, ProducerTimes? times, long position, TaskWorker worker)
    {
        var source = new TopicPartition(stage.Inputs[index].Topic, partition);
        switch (stage.Inputs[index])
        {
            case RepartitionInput behind:
                var flow = FlowOf(behind.Topic, stage.Partitions);
                var behindDecoder = new RepartitionDecoder(behind.Schema, behind.WithOld, partition, times, flow);
                return new OwnInput(new PartitionReader(_environment.Broker, source, position, behindDecoder.WantsHeaders, worker.Wake),
                    behindDecoder);
            case SourceInput scan when stage.Inputs.Count > 1:
                return new OwnInput(
                    _environment.Records.Open(scan.Source, source, position, worker.Wake),
                    new SourceDecoder(scan.Source, ViewOf(scan, source), source, _environment));
            case SourceInput scan:
                return new ScanMember(worker.Scans, ViewOf(scan, source), position);
            default:
                throw new InvalidOperationException("unknown stage input");
        }
    }

    private SourceView ViewOf(SourceInput scan, TopicPartition source) =>
        new(scan.Source, scan.Columns, scan.Schema, source, _counters, _environment.Logger)
            { FailsOnBadTime = QueryProperties.FailsOnBadTime(_query.Properties) };

    private async ValueTask<TaskSink> CreateSinkAsync(StageOutput output, OperatorContext context, OutputBuffers outputs,
        CancellationToken cancellation)
    {
        var schemas = _environment.Schemas;
        if (output is RepartitionOutput repartition)
        {
            if (repartition.KeyOf is { } source)
                repartition = repartition with { KeyOf = await SinkSchemas.PrepareAsync(source, schemas, cancellation) };
            var flow = FlowOf(repartition.Topic, repartition.Partitions);
            return new RepartitionSink(repartition, context, outputs, flow, schemas);
        }

        var target = await SinkSchemas.PrepareAsync(_target, schemas, cancellation);
        return new ResultSink(target, (ResultOutput)output, context.Partition, outputs, _counters, schemas);
    }

    private async ValueTask<StateChangelog> CreateChangelogAsync(StateStore store, int partition, OutputBuffers outputs,
        CancellationToken cancellation)
    {
        var changelog = new TopicPartition(InternalTopics.Changelog(_query.Id, store.Id), partition);
        var snapshot = _environment.Snapshots is { } snapshots
            ? new SnapshotSubject(store, await snapshots.OfQueryAsync(_query.Id, store.Id, changelog, cancellation))
            : null;
        return new StateChangelog(store, changelog, outputs, snapshot);
    }

    private RepartitionFlow FlowOf(string topic, int partitions)
    {
        if (_flows.TryGetValue(topic, out var flow))
            return flow;
        var unread = _environment.Sharing is null ? null : new UnreadRecords(
            _environment.Broker, _environment.Time, InternalTopics.ConsumerGroup(_query.Id), topic, partitions);
        _flows.Add(topic, flow = new RepartitionFlow(_environment.Options.MaxUnreadBytes, unread));
        return flow;
    }

    /// <summary>Where the query has come to; else where it was to begin.</summary>
    private async ValueTask<long> StartAsync(
        StageInput input, int partition, IReadOnlyDictionary<TopicPartition, long> committed, CancellationToken cancellation)
    {
        var source = new TopicPartition(input.Topic, partition);
        if (committed.TryGetValue(source, out var offset))
            return offset;
        if (input is SourceInput && _query.StartOffsets.TryGetValue(source.Topic, out var starts) && source.Partition < starts.Count)
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

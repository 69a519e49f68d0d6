using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Queries.Sharing;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Output;
using StreamSQL.Engine.Tasks.Snapshots;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Queries;

/// <summary>
/// The commit groups of a query that run in this process: all of them, or those that the query's consumer group has assigned to it. One
/// caller at a time starts and stops them; they can be looked at from any thread.
/// </summary>
/// <param name="topology">The query's physical plan.</param>
/// <param name="builder">Makes its tasks.</param>
/// <param name="environment">What tasks take from the engine.</param>
/// <param name="progress">Set after each commit, and whenever everything has been read.</param>
internal sealed class QueryGroups(QueryTopology topology, TaskBuilder builder, TaskEnvironment environment, ProgressSignal progress)
    : IAsyncDisposable
{
    private readonly string _consumerGroup = InternalTopics.ConsumerGroup(topology.QueryId);
    private volatile RunningGroup[] _running = [];
    private volatile bool _isPaused;

    /// <summary>How many commit groups the query has, wherever they run.</summary>
    public int Slots { get; } = topology.Stages.Count == 0
        ? 0 : Math.Min(environment.Options.CommitGroups, topology.Stages.Max(static stage => stage.Partitions));

    /// <summary>Those that run here, by number. Any thread.</summary>
    public IReadOnlyList<RunningGroup> Running => _running;

    /// <summary>Their tasks, stage by stage. Any thread.</summary>
    public IEnumerable<BuiltTask> Tasks => _running.SelectMany(static group => group.Tasks).OrderBy(static task => task.Stage)
        .Select(static task => task.Built);

    /// <summary>The tasks of a stage that run here. Any thread.</summary>
    public IEnumerable<BuiltTask> TasksOf(int stage) => _running.SelectMany(static group => group.Tasks)
        .Where(task => task.Stage == stage).Select(static task => task.Built);

    /// <summary>
    /// Whether a task has failed, but for those that are stopped because the consumer group has gone on. Any thread; asked after every
    /// commit.
    /// </summary>
    public bool HasFailedTask
    {
        get
        {
            foreach (var running in _running)
            {
                if (running.Group.HasFailedTask && running.Group.Seat is not { IsOver: true })
                    return true;
            }

            return false;
        }
    }

    /// <summary>Pauses them, or lets them go on, after the commit under way; also those that are started later.</summary>
    public void SetPaused(bool paused)
    {
        _isPaused = paused;
        foreach (var running in _running)
            running.Group.IsPaused = paused;
    }

    /// <summary>Starts all of them, from what is durable or, for a query that has just been created, from its start offsets.</summary>
    /// <param name="isNew">Whether it has just been created.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask StartAllAsync(bool isNew, CancellationToken cancellation)
    {
        var slots = Enumerable.Range(0, Slots).ToArray();
        await WithProducersAsync(
            slots,
            async () =>
            {
                // WITH (QUERY_ID = ...) gives an id again: what a crash left of the one before must not say where this one stands.
                if (isNew)
                    await ConsumerGroups.TryDeleteAsync(environment, topology.QueryId, cancellation);
                return isNew
                    ? new Dictionary<TopicPartition, long>()
                    : await environment.Broker.GetCommittedOffsetsAsync(_consumerGroup, cancellation);
            },
            (slot, producer, committed) => StartAsync(slot, producer, committed, isNew, seat: null, cancellation),
            cancellation);
    }

    /// <summary>Starts some of them from what is durable, as a member of the query's consumer group.</summary>
    public ValueTask StartAsync(IReadOnlyList<int> slots, GroupSeat seat, CancellationToken cancellation) => WithProducersAsync(
        slots,
        () => environment.Broker.GetCommittedOffsetsAsync(_consumerGroup, [.. slots.SelectMany(PartitionsOf)], cancellation),
        (slot, producer, committed) => StartAsync(slot, producer, committed, isNew: false, seat, cancellation),
        cancellation);

    /// <summary>Commits what some of them have read, and stops them.</summary>
    public async ValueTask StopAsync(IReadOnlyCollection<int> slots)
    {
        var stopping = _running.Where(running => slots.Contains(running.Slot)).ToArray();
        if (environment.Snapshots is { } snapshots)
            await snapshots.RemoveAsync([.. stopping.SelectMany(static running => running.Snapshots)]);
        foreach (var running in stopping)
        {
            await running.Group.DisposeAsync();
            _running = [.. _running.Where(other => other != running)];
        }
    }

    /// <summary>The partitions that a commit group reads.</summary>
    public IEnumerable<TopicPartition> PartitionsOf(int slot) =>
        from stage in topology.Stages
        from input in stage.Inputs
        from partition in PartitionsOf(slot, stage)
        select new TopicPartition(input.Topic, partition);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var running = _running;
        if (environment.Snapshots is { } snapshots)
            await snapshots.RemoveAsync([.. running.SelectMany(static group => group.Snapshots)]);
        foreach (var group in running)
            await group.Group.DisposeAsync();
    }

    private IEnumerable<int> PartitionsOf(int slot, Stage stage)
    {
        for (var partition = slot; partition < stage.Partitions; partition += Slots)
            yield return partition;
    }

    private async ValueTask WithProducersAsync(
        IReadOnlyList<int> slots, Func<ValueTask<IReadOnlyDictionary<TopicPartition, long>>> findCommitted,
        Func<int, ITransactionalProducer, IReadOnlyDictionary<TopicPartition, long>, ValueTask> start, CancellationToken cancellation)
    {
        var producers = new List<ITransactionalProducer>();
        var started = 0;
        try
        {
            // All producers come first: they end what older owners left open, so that the offsets and changelogs read next are whole. The
            // offsets of one group are not settled while another group's transaction is open.
            foreach (var slot in slots)
                producers.Add(await CommitGroup.OpenProducerAsync(environment.Broker, $"{_consumerGroup}-{slot}", cancellation));
            var committed = await findCommitted();
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.ReplayTwice))
                committed = new Dictionary<TopicPartition, long>();
#endif
            for (; started < slots.Count; started++)
                await start(slots[started], producers[started], committed);
        }
        catch
        {
            foreach (var producer in producers.Skip(started))
                await producer.DisposeAsync();
            throw;
        }
    }

    private async ValueTask StartAsync(
        int slot, ITransactionalProducer producer, IReadOnlyDictionary<TopicPartition, long> committed, bool isNew, GroupSeat? seat,
        CancellationToken cancellation)
    {
        var worker = environment.Workers.Rent(topology.Stages[0].Inputs[0].Topic, slot, Slots, topology.QueryId);
        var tasks = new List<StageTask>();
        CommitGroup group;
        try
        {
            foreach (var stage in topology.Stages)
            {
                foreach (var partition in PartitionsOf(slot, stage))
                    tasks.Add(new(stage.Number, await builder.BuildAsync(stage, partition, committed, worker, cancellation)));
            }

            var ofGroup = tasks.Select(static task => task.Built.Task).ToArray();
            if (isNew)
                await CommitStartAsync(producer, ofGroup);
            group = new CommitGroup($"{_consumerGroup}-{slot}", _consumerGroup, ofGroup, environment, worker, progress)
                { IsPaused = _isPaused, Seat = seat };
        }
        catch
        {
            await environment.Workers.ReturnAsync(worker);
            throw;
        }

        var snapshots = FollowWithSnapshots(group, tasks.SelectMany(static task => task.Built.States));
        _running = [.. _running.Append(new RunningGroup(slot, group, tasks, snapshots)).OrderBy(static running => running.Slot)];
        group.IsPaused = _isPaused;
        group.Start(producer);
    }

    private List<SnapshotSubject> FollowWithSnapshots(CommitGroup group, IEnumerable<StateChangelog> states)
    {
        var subjects = new List<SnapshotSubject>();
        foreach (var state in states)
        {
            if (state.Snapshot is not { } subject)
                continue;
            subject.Position = cancellation => group.FindCommittedEndAsync(state.Partition, cancellation);
            subjects.Add(subject);
            environment.Snapshots!.Add(subject);
        }

        return subjects;
    }

    /// <summary>Makes the start offsets durable, so that a query of the same name that ran before has left nothing behind.</summary>
    private async ValueTask CommitStartAsync(ITransactionalProducer producer, IReadOnlyList<StreamTask> tasks)
    {
        var offsets = tasks.SelectMany(static task => task.Lanes)
            .Select(static lane => KeyValuePair.Create(lane.Partition, lane.Applied)).ToArray();
        await producer.CommitAsync(new TransactionContent([], _consumerGroup, offsets), CancellationToken.None);
    }
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Queries.Sharing;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Queries;

/// <summary>
/// A running CREATE ... AS SELECT or INSERT INTO ... SELECT: its tasks in commit groups, from start to stop. What it knows across restarts
/// is in the catalog, in its changelogs and in its consumer group's offsets.
/// </summary>
internal sealed class PersistentQuery : IAsyncDisposable
{
    private readonly Lock _sync = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskEnvironment _environment;
    private readonly MemoryBudget _budget;
    private readonly ProgressSignal _progress = new();
    private readonly QueryGroups _groups;
    private readonly SharedResult? _sharedResult;
    private QuerySharing? _sharing;
    private Task? _starting;
    private volatile Exception? _startFailure;
    private volatile bool _isStarted;
    private volatile bool _isPaused;
    private volatile bool _isStopped;

    /// <summary>Creates a query; <see cref="StartAsync"/> runs it.</summary>
    /// <param name="definition">What the catalog says about it.</param>
    /// <param name="target">What it writes.</param>
    /// <param name="topology">Its physical plan.</param>
    /// <param name="environment">What its tasks take from the engine.</param>
    /// <param name="failed">The query that it goes on for after a failure: its counters go on too; null for none.</param>
    public PersistentQuery(
        QueryDefinition definition, SourceDefinition target, QueryTopology topology, TaskEnvironment environment,
        PersistentQuery? failed = null)
    {
        Counters = failed?.Counters ?? new QueryCounters();
        FailuresBefore = failed is null ? 0 : failed.FailuresBefore + 1;
        LastFailure = failed?.Failure;
        Definition = definition;
        Target = target;
        Topology = topology;
        _environment = environment;
        _budget = new MemoryBudget($"query {definition.Id}", environment.Options.QueryMemoryLimitBytes, environment.Budget);
        _isPaused = definition.IsPaused;
        var builder = new TaskBuilder(definition, target, environment, Counters, _budget);
        _groups = new QueryGroups(topology, builder, environment, _progress);
        _groups.SetPaused(_isPaused);
        if (environment.Sharing is not null && topology.View is not null)
            _sharedResult = new SharedResult(topology, _groups, builder, environment);
    }

    /// <summary>What the catalog says about it.</summary>
    public QueryDefinition Definition { get; }

    /// <summary>What it writes.</summary>
    public SourceDefinition Target { get; }

    /// <summary>Its physical plan.</summary>
    public QueryTopology Topology { get; }

    /// <summary>What happened to its rows.</summary>
    public QueryCounters Counters { get; }

    /// <summary>How often it has failed in a row before this start.</summary>
    public int FailuresBefore { get; set; }

    /// <summary>Why it was started again; null when it was not.</summary>
    public Exception? LastFailure { get; }

    /// <summary>How it is.</summary>
    public QueryStatus Status =>
        _isStopped ? QueryStatus.Stopped
        : Failure is not null ? QueryStatus.Error
        : !_isStarted ? QueryStatus.Starting
        : _isPaused ? QueryStatus.Paused
        : QueryStatus.Running;

    /// <summary>Why it, or the first of its failed tasks, stopped; null while all is well.</summary>
    public Exception? Failure => _startFailure
        ?? Tasks.Select(static built => built.Task.Failure).FirstOrDefault(static failure => failure is not null);

    /// <summary>Bytes of its states.</summary>
    public long StateBytes => Tasks.Sum(static task => task.States.Sum(static state => state.Store.MemoryBytes));

    /// <summary>When it began to read; null before.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>Its tasks, stage by stage; none before it reads.</summary>
    public IEnumerable<BuiltTask> Tasks => _isStarted ? _groups.Tasks : [];

    /// <summary>Transactions committed.</summary>
    public long Commits => _isStarted ? _groups.Running.Sum(static running => running.Group.Commits) : 0;

    /// <summary>
    /// Makes its topics, restores its states and starts to read; completes when it reads. A failure is kept as <see cref="Failure"/>.
    /// </summary>
    /// <param name="isNew">Whether it has just been created: then it begins at its start offsets,
    /// whatever a query of its name has left behind.</param>
    /// <param name="after">What must have ended first, also when it is stopped meanwhile; null for nothing.</param>
    public Task StartAsync(bool isNew, Task? after = null)
    {
        lock (_sync)
            return _starting ??= _stop.IsCancellationRequested
                ? Task.CompletedTask : Task.Run(() => RunStartAsync(isNew, after, _stop.Token));
    }

    /// <summary>Says that it cannot be started at all.</summary>
    public void Fail(Exception error) => _startFailure = error;

    /// <summary>Pauses or goes on, after the commit under way.</summary>
    public void SetPaused(bool paused)
    {
        _isPaused = paused;
        _groups.SetPaused(paused);
    }

    /// <summary>
    /// The states that hold the query's result, one per partition; none when it has no such (<see cref="QueryTopology.View"/>). Those that
    /// another engine computes are read up to what is committed now.
    /// </summary>
    /// <exception cref="KafkaException">The broker, where engines share the query, refuses.</exception>
    public ValueTask<IReadOnlyList<TableState>> OpenResultAsync(CancellationToken cancellation)
    {
        if (Topology.View is not { } view || !_isStarted)
            return new([]);
        if (_sharedResult is not null)
            return _sharedResult.OpenAsync(_sharing?.IsConfirmed == true, cancellation);
        return new(_groups.TasksOf(Topology.Stages[^1].Number).OrderBy(static task => task.Partition)
            .Select(task => (TableState)task.StateOfNode(view.Aggregate)).ToArray());
    }

    /// <summary>Waits until its states are restored.</summary>
    /// <exception cref="SqlException">55000: it could not be started, or has been stopped.</exception>
    public async ValueTask WaitUntilStartedAsync(CancellationToken cancellation)
    {
        await _progress.WaitUntilAsync(() => _isStarted || _startFailure is not null || _isStopped, cancellation);
        if (!_isStarted || _isStopped)
        {
            throw new SqlException(
                PostgresErrorCodes.ObjectNotInPrerequisiteState,
                $"query {Definition.Id} does not run: {_startFailure?.Message ?? "it has been stopped"}",
                inner: _startFailure);
        }
    }

    /// <summary>Waits until it fails, or one of its tasks does; false when it was stopped first.</summary>
    public async ValueTask<bool> WaitUntilFailedAsync(CancellationToken cancellation)
    {
        await _progress.WaitUntilAsync(() => HasFailed() || _isStopped, cancellation);
        return !_isStopped;
    }

    /// <summary>
    /// Waits until everything that its source topics hold now has been read by all stages and is
    /// committed; returns at once when it does not run.
    /// </summary>
    public async ValueTask WaitUntilCaughtUpAsync(CancellationToken cancellation)
    {
        await _progress.WaitUntilAsync(() => _isStarted || _startFailure is not null || _isStopped, cancellation);

        if (_environment.Sharing is not null)
        {
            await new SharedProgress(Topology, _environment.Broker, _environment.Time)
                .WaitUntilCaughtUpAsync(() => HasFailed() || _isPaused || _isStopped, cancellation);
            return;
        }

        // Two stages that feed each other: what the first pass waits for may bring the one before it something.
        for (var pass = Topology.Stages.Any(static stage => stage.Outputs.Count > 1) ? 2 : 1; pass > 0 && _isStarted; pass--)
        {
            foreach (var built in Tasks)
            {
                foreach (var lane in built.Task.Lanes)
                    await WaitUntilAppliedAsync(built.Task, lane, cancellation);
            }
        }
    }

    private async ValueTask WaitUntilAppliedAsync(StreamTask task, TaskLane lane, CancellationToken cancellation)
    {
        var offsets = await _environment.Broker.GetOffsetsAsync(lane.Partition, cancellation);

        // Several commit groups write an internal topic: what one has committed may lie behind an open transaction of another. Nobody else
        // writes there, so that each of them ends soon, unless a task has failed.
        var end = lane.IsInternal ? offsets.HighWatermark : offsets.LastStable;
        await _progress.WaitUntilAsync(
            () => lane.Applied >= end || IsHalted(task) || (lane.Applied >= offsets.LastStable && HasFailed()), cancellation);
    }

    /// <summary>The same as whether there is a <see cref="Failure"/>, but asked after every commit.</summary>
    private bool HasFailed()
    {
        if (_startFailure is not null)
            return true;
        return _isStarted && _groups.HasFailedTask;
    }

    private bool IsHalted(StreamTask task) => task.Failure is not null || _isPaused || _isStopped;

    /// <summary>Commits what is read, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task? starting;
        lock (_sync)
            starting = _starting;
        if (starting is not null)
            await starting;
        if (_sharing is not null)
            await _sharing.DisposeAsync();
        await _groups.DisposeAsync();
        if (_sharedResult is not null)
            await _sharedResult.DisposeAsync();
        _isStopped = true;
        _budget.Release();
        _progress.Set();
    }

    /// <summary>
    /// Removes its snapshots and its internal topics, but for those of a query that goes on in its place, after it was stopped.
    /// </summary>
    public async ValueTask DeleteStateAsync(IReadOnlySet<string> keptTopics, CancellationToken cancellation)
    {
        _environment.Snapshots?.DeleteQuery(Definition.Id);
        foreach (var (topic, _, _) in Topology.InternalTopics())
        {
            if (keptTopics.Contains(topic))
                continue;
            try
            {
                await _environment.Broker.DeleteTopicAsync(topic, cancellation);
            }
            catch (KafkaException error) when (error.Code == ErrorCode.UnknownTopicOrPartition)
            {
                QueryLog.TopicGone(_environment.Logger, topic);
            }
        }
    }

    private async Task RunStartAsync(bool isNew, Task? after, CancellationToken cancellation)
    {
        try
        {
            if (after is not null)
                await after;
            cancellation.ThrowIfCancellationRequested();
            if (isNew)
                _environment.Snapshots?.DeleteQuery(Definition.Id);
            if (_environment.Sharing is { } sharing)
            {
                BeginSharing(sharing);
                return;
            }

            await CreateTopicsAsync(cancellation);
            await _groups.StartAllAsync(isNew, cancellation);
            SetStarted();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _isStopped = true;
        }
        catch (Exception error)
        {
            QueryLog.StartFailed(_environment.Logger, Definition.Id, error);
            _startFailure = error;
        }

        _progress.Set();
    }

    private void SetStarted()
    {
        StartedAt ??= _environment.Time.GetUtcNow();
        _isStarted = true;
        _progress.Set();
    }

    private void BeginSharing(SharingOptions options)
    {
        var events = new SharedQueryEvents(
            _environment.IsCurrent, CreateTopicsAsync, SetStarted, error =>
            {
                Fail(error);
                QueryLog.StartFailed(_environment.Logger, Definition.Id, error);
                _progress.Set();
            });
        _sharing = new QuerySharing(Definition, Topology, _groups, _environment, options, events);
        _sharing.Start();
    }

    private async ValueTask CreateTopicsAsync(CancellationToken cancellation)
    {
        foreach (var (topic, partitions, configs) in Topology.InternalTopics())
        {
            if ((await _environment.Broker.GetTopicsAsync([topic], cancellation)).Count > 0)
                continue;
            try
            {
                await _environment.Broker.CreateTopicAsync(
                    new NewTopic(topic, partitions, _environment.Options.ReplicationFactor, configs), cancellation);
            }
            catch (KafkaException error) when (error.Code == ErrorCode.TopicAlreadyExists && _environment.Sharing is not null)
            {
                // Another engine that runs a share was faster.
            }
        }
    }
}

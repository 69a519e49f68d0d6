using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Queries.Sharing;

/// <summary>
/// This engine's part in a query that several engines run: a member of the query's consumer group, whose commit groups it starts and stops
/// as they are assigned. It gives one back only after its last commit, and tells so by joining again. When the group has gone on without
/// it, it stops all of them at their last commit, which the broker lets nobody go beyond, and joins as a new member.
/// </summary>
internal sealed class QuerySharing : IAsyncDisposable
{
    private static readonly TimeSpan RebalanceTimeout = TimeSpan.FromSeconds(60);

    private readonly QueryDefinition _definition;
    private readonly QueryTopology _topology;
    private readonly QueryGroups _groups;
    private readonly TaskEnvironment _environment;
    private readonly SharingOptions _options;
    private readonly SharedQueryEvents _events;
    private readonly CancellationTokenSource _stop = new();
    private readonly WorkerSignal _released = new();
    private readonly Lock _sync = new();
    private readonly SortedSet<int> _held = [];
    private IReadOnlyList<int> _assigned = [];
    private long _confirmedAt;
    private Task _running = Task.CompletedTask;

    /// <summary>Creates it; <see cref="Start"/> has it join.</summary>
    /// <param name="definition">The query.</param>
    /// <param name="topology">Its physical plan.</param>
    /// <param name="groups">Its commit groups, which nobody else starts or stops.</param>
    /// <param name="environment">What tasks take from the engine.</param>
    /// <param name="options">Which engine this is.</param>
    /// <param name="events">What the query does, and is told.</param>
    public QuerySharing(
        QueryDefinition definition, QueryTopology topology, QueryGroups groups, TaskEnvironment environment, SharingOptions options,
        SharedQueryEvents events)
    {
        _definition = definition;
        _topology = topology;
        _groups = groups;
        _environment = environment;
        _options = options;
        _events = events;
    }

    /// <summary>
    /// Whether no other engine can run what runs here, unless a clock is wrong: the group has heard of this member within its session.
    /// </summary>
    public bool IsConfirmed => _environment.Time.GetElapsedTime(Interlocked.Read(ref _confirmedAt)) < _options.SessionTimeout;

    /// <summary>Joins, and goes on until it is disposed.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Commits what is read, stops its commit groups, and leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await TakePartAsync();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // It is disposed.
            }
            catch (KafkaException error)
            {
                QueryLog.LostShare(_environment.Logger, _definition.Id, error.Message);
                await Task.Delay(_options.Beat, _environment.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error)
            {
                _events.Failed(error);
                return;
            }
        }
    }

    /// <summary>One membership, from its first join to its end.</summary>
    private async Task TakePartAsync()
    {
        var options = new GroupMembershipOptions(InternalTopics.ConsumerGroup(_definition.Id), ShareCodec.ProtocolType, ShareCodec.Protocol)
        {
            SessionTimeout = _options.SessionTimeout, RebalanceTimeout = RebalanceTimeout,
        };
        await using var membership = _environment.Broker.OpenGroupMembership(options);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var seat = new GroupSeat();
        var applying = Task.CompletedTask;
        try
        {
            while (true)
            {
                if (await TryJoinAsync(membership, seat) is not { } assigned)
                    continue;
                applying = ApplyAsync(applying, assigned, seat, lost.Token);
                await BeatAsync(membership);
            }
        }
        finally
        {
            seat.End();
            await lost.CancelAsync();
            await applying;
            await _groups.StopAsync([.. _groups.Running.Select(static running => running.Slot)]);
            Forget();
            await LeaveAsync(membership);
        }
    }

    /// <summary>Joins, divides the work when that falls to this member, and returns its part; null when it has to join again.</summary>
    private async ValueTask<IReadOnlyList<int>?> TryJoinAsync(IGroupMembership membership, GroupSeat seat)
    {
        try
        {
            var topics = _topology.Stages.SelectMany(static stage => stage.Inputs).Select(static input => input.Topic);
            var asked = _environment.Time.GetTimestamp();
            var generation = await membership.JoinAsync(ShareCodec.EncodeSubscription(topics, Describe()), _stop.Token);
            seat.Move(generation.Member);
            var bytes = await membership.SyncAsync(generation.IsLeader ? Divide(generation.Members) : [], _stop.Token);
            var assigned = ShareCodec.DecodeAssignment(bytes).Where(slot => (uint)slot < (uint)_groups.Slots).ToArray();
            Interlocked.Exchange(ref _confirmedAt, asked);
            lock (_sync)
            {
                _assigned = assigned;
                _held.UnionWith(assigned);
            }

            return assigned;
        }
        catch (KafkaException error) when (error.Code == ErrorCode.RebalanceInProgress)
        {
            return null;
        }
    }

    private List<KeyValuePair<string, ReadOnlyMemory<byte>>> Divide(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> members)
    {
        var known = new List<KeyValuePair<string, ShareMember>>();
        foreach (var (id, metadata) in members)
        {
            if (ShareCodec.DecodeSubscription(metadata) is { } member)
                known.Add(new(id, member));
        }

        return [.. SlotAssignor.Divide(_definition.Id, known).Select(share => KeyValuePair.Create(
            share.Key,
            (ReadOnlyMemory<byte>)ShareCodec.EncodeAssignment(share.Value.SelectMany(_groups.PartitionsOf), share.Value)))];
    }

    /// <summary>Says that it is alive, until it has to join again: the group rebalances, or it has given something back.</summary>
    private async ValueTask BeatAsync(IGroupMembership membership)
    {
        while (true)
        {
            using var beat = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var released = _released.WaitAsync(beat.Token).AsTask();
            var pause = Task.Delay(_options.Beat, _environment.Time, beat.Token);
            await Task.WhenAny(released, pause);
            await beat.CancelAsync();
            await Task.WhenAll(released, pause).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Token.ThrowIfCancellationRequested();
            var asked = _environment.Time.GetTimestamp();
            if (released.IsCompletedSuccessfully || !await membership.HeartbeatAsync(_stop.Token))
                return;
            Interlocked.Exchange(ref _confirmedAt, asked);
        }
    }

    /// <summary>Stops what is not assigned any more, and starts what is; after what an earlier assignment began. Never fails.</summary>
    private async Task ApplyAsync(Task before, IReadOnlyList<int> assigned, GroupSeat seat, CancellationToken cancellation)
    {
        try
        {
            await before;
            await Task.Yield(); // signs of life do not wait for it
            var running = _groups.Running.Select(static group => group.Slot).ToArray();
            if (running.Except(assigned).ToArray() is { Length: > 0 } revoked)
                await _groups.StopAsync(revoked);
            if (assigned.Except(running).ToArray() is { Length: > 0 } added)
                await StartAsync(added, seat, cancellation);
            Release();
            _events.Assigned();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The membership is over.
        }
        catch (Exception error)
        {
            _events.Failed(error);
        }
    }

    /// <summary>
    /// A query that was dropped or replaced meanwhile is not started: whoever did that waits, before it removes the query's topics, for the
    /// end of this membership, so a catalog that is read to its end now knows of everything that came before the membership.
    /// </summary>
    private async ValueTask StartAsync(int[] slots, GroupSeat seat, CancellationToken cancellation)
    {
        if (!await _events.IsCurrent(_definition, cancellation))
            return;
        await _events.Prepare(cancellation);
        await _groups.StartAsync(slots, seat, cancellation);
        QueryLog.TookShare(_environment.Logger, _definition.Id, string.Join(", ", slots), _groups.Slots);
    }

    /// <summary>Tells the group, by joining again, what runs no more.</summary>
    private void Release()
    {
        var running = _groups.Running.Select(static group => group.Slot).ToHashSet();
        lock (_sync)
        {
            if (_held.RemoveWhere(slot => !running.Contains(slot) && !_assigned.Contains(slot)) == 0)
                return;
        }

        _released.Set();
    }

    private ShareMember Describe()
    {
        lock (_sync)
            return new ShareMember(_options.Engine, _definition.Version, _groups.Slots, [.. _held]);
    }

    private void Forget()
    {
        lock (_sync)
        {
            _held.Clear();
            _assigned = [];
        }
    }

    private async ValueTask LeaveAsync(IGroupMembership membership)
    {
        try
        {
            await membership.LeaveAsync(CancellationToken.None);
        }
        catch (KafkaException error)
        {
            QueryLog.NotLeft(_environment.Logger, _definition.Id, error.Message);
        }
    }
}

/// <summary>What a shared query does for its member, and is told by it.</summary>
/// <param name="IsCurrent">Whether the catalog, read to its end now, has the query as it is known here.</param>
/// <param name="Prepare">Makes the query's topics.</param>
/// <param name="Assigned">What was assigned runs.</param>
/// <param name="Failed">It cannot run here.</param>
internal sealed record SharedQueryEvents(
    Func<QueryDefinition, CancellationToken, ValueTask<bool>> IsCurrent, Func<CancellationToken, ValueTask> Prepare, Action Assigned,
    Action<Exception> Failed);

using StreamSQL.Broker;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Broker.Transactions.Checking;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Transactions.Simulation;

/// <summary>How a producer behaves.</summary>
/// <param name="Id">Its transactional id.</param>
/// <param name="BumpsEpochs">Whether it speaks KIP-890, or the protocol before, as librdkafka does.</param>
/// <param name="HasRival">Whether another has the same id.</param>
/// <param name="Timeout">How long its transactions may stay open.</param>
internal sealed record ProducerKind(string Id, bool BumpsEpochs, bool HasRival, TimeSpan Timeout);

/// <summary>
/// A transactional producer, one request at a time. What gets no answer it sends again, or gives the transaction up: then it aborts and, in
/// the protocol of old, raises its epoch by InitProducerId with what it holds (KIP-360). Whoever has no rival and is not overdue must never
/// hear that it is fenced, nor that its transaction is not there.
/// </summary>
internal sealed class SimulatedProducer(ProducerKind kind, SimulatedBroker broker, CheckedHistory history, Random random)
{
    private readonly Queue<Func<Task<bool>>> _plan = [];
    private readonly Dictionary<int, int> _sequences = [];
    private readonly List<string> _told = [];
    private readonly List<Func<BrokerHost, Task>> _late = [];
    private ProducerIdentity? _held;
    private CheckedTransaction? _transaction;
    private bool _isToRaise;
    private bool _isUnanswered;
    private bool _isEnding;
    private bool _isKnownOpen;
    private long _openSince;

    /// <summary>All that was sent and told, for messages.</summary>
    public string Story => $"{kind}: {string.Join(", ", _told)}";

    public async Task StepAsync()
    {
        if (_late.Count > 0 && random.Next(10) == 0)
            await _late[random.Next(_late.Count)](broker.Host); // the network delivers it again
        if (_isUnanswered && random.Next(6) == 0)
            GiveUp();
        if (_plan.Count == 0)
            Plan();
        var first = _plan.Peek();
        var isDone = await first();
        _isUnanswered = !isDone;
        if (isDone && _plan.TryPeek(out var head) && head == first)
            _plan.Dequeue();
    }

    private long NowMs => broker.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private bool MayBeFenced => kind.HasRival || (_transaction is not null && NowMs - _openSince >= kind.Timeout.TotalMilliseconds);

    private void Plan()
    {
        if (_held is null)
            _plan.Enqueue(() => InitializeAsync(null));
        else if (_isToRaise)
            _plan.Enqueue(() => InitializeAsync(_held));
        else
            PlanTransaction();
    }

    private void PlanTransaction()
    {
        (_transaction, _openSince, _isKnownOpen, _isEnding) = (history.Begin(kind.Id), NowMs, false, false);
        var added = new HashSet<int>();
        for (var batches = random.Next(1, 4); batches > 0; batches--)
        {
            var partition = random.Next(SimulatedBroker.Partitions);
            if (!kind.BumpsEpochs && added.Add(partition))
                _plan.Enqueue(() => AddAsync(partition));
            _plan.Enqueue(Writing(partition));
        }

        if (random.Next(2) == 0)
        {
            if (!kind.BumpsEpochs)
                _plan.Enqueue(AddOffsetsAsync);
            _plan.Enqueue(CommitOffsetsAsync);
        }

        var commit = random.Next(4) != 0;
        _plan.Enqueue(() => EndAsync(commit));
    }

    /// <summary>
    /// Aborts what it is at; or it ends itself, and another takes its id. Who has asked for a commit, or for an epoch, goes on asking.
    /// </summary>
    private void GiveUp()
    {
        if (random.Next(3) == 0)
        {
            Forget("gone");
        }
        else if (_transaction is not null && !_isEnding)
        {
            _plan.Clear();
            _plan.Enqueue(() => EndAsync(commit: false));
            _isToRaise = !kind.BumpsEpochs;
        }
    }

    private void Forget(string why)
    {
        _told.Add(why);
        (_held, _transaction, _isToRaise, _isUnanswered) = (null, null, false, false);
        _late.Clear(); // of another process's nothing comes late: InitProducerId without an epoch would fence, rightly
        _plan.Clear();
    }

    private async Task<bool> InitializeAsync(ProducerIdentity? held)
    {
        (long, short)? expected = held is { } h ? (h.ProducerId, h.ProducerEpoch) : null;
        Func<BrokerHost, Task<ProducerIdentity>> request =
            host => host.Transactions.InitializeAsync(kind.Id, (int)kind.Timeout.TotalMilliseconds, expected).AsTask();
        if (expected is not null)
            AddLate(request);
        var reply = await AskAsync($"init {held?.ProducerEpoch}", request, static answer => answer.Error);
        if (!reply.IsAnswered || IsFenced(reply.Answer.Error))
            return false;
        Demand(reply.Answer.Error == ErrorCode.None);
        Demand(held is null || reply.Answer.ProducerId != held.Value.ProducerId || reply.Answer.ProducerEpoch > held.Value.ProducerEpoch);
        _isToRaise = false;
        Hold(reply.Answer);
        return true;
    }

    private void Hold(ProducerIdentity identity)
    {
        _told.Add($"holds {identity.ProducerId}/{identity.ProducerEpoch}");
        (_held, _transaction) = (identity, null);
        _sequences.Clear();
    }

    private async Task<bool> AddAsync(int partition) => await JoinAsync(
        $"add {partition}", (host, id, epoch) => host.Transactions.AddPartitionsAsync(kind.Id, id, epoch,
            [new(SimulatedBroker.Topic, partition)]).AsTask());

    private async Task<bool> AddOffsetsAsync() =>
        await JoinAsync("add offsets", (host, id, epoch) => host.Transactions.AddOffsetsAsync(kind.Id, id, epoch, kind.Id).AsTask());

    private async Task<bool> CommitOffsetsAsync()
    {
        _transaction!.MovesOffset = true;
        var offset = new OffsetToCommit(new(SimulatedBroker.Topic, 0), _transaction.Number);
        var support = kind.BumpsEpochs ? TransactionSupport.AddsPartitions : TransactionSupport.Original;
        return await JoinAsync("offsets", (host, id, epoch) => host.Transactions.CommitOffsetsAsync(
            kind.Id, id, epoch, kind.Id, [offset], support, static write => write()).AsTask());
    }

    private Func<Task<bool>> Writing(int partition)
    {
        byte[]? batch = null;
        var support = kind.BumpsEpochs ? TransactionSupport.AddsPartitions : TransactionSupport.Original;
        return async () =>
        {
            batch ??= Batch(partition);
            var name = new TopicPartition(SimulatedBroker.Topic, partition);
            return await JoinAsync($"write {partition}", async (host, _, _) =>
                (await host.Transactions.AppendAsync(kind.Id, host.Topics.Find(name)!, batch, RequiredAcks.All, support)).Error);
        };
    }

    private byte[] Batch(int partition)
    {
        var value = $"{kind.Id}/{_transaction!.Number}/{_transaction.Records.Count}";
        _transaction.Records.Add((partition, value));
        var sequence = _sequences.GetValueOrDefault(partition);
        _sequences[partition] = sequence + 1;
        return TestBatches.Produced(_held!.Value.ProducerId, _held.Value.ProducerEpoch, sequence, transactional: true, value);
    }

    /// <summary>A request by which something joins the transaction, or is written to it.</summary>
    private async Task<bool> JoinAsync(string name, Func<BrokerHost, long, short, Task<ErrorCode>> send)
    {
        var (id, epoch) = (_held!.Value.ProducerId, _held.Value.ProducerEpoch);
        Func<BrokerHost, Task<ErrorCode>> request = host => send(host, id, epoch);
        if (kind.BumpsEpochs)
            AddLate(request);
        var reply = await AskAsync(name, request, static answer => answer);
        if (!reply.IsAnswered || IsFenced(reply.Answer))
            return false;
        Demand(reply.Answer == ErrorCode.None);
        _isKnownOpen = true;
        return true;
    }

    private async Task<bool> EndAsync(bool commit)
    {
        _isEnding = true;
        var (id, epoch) = (_held!.Value.ProducerId, _held.Value.ProducerEpoch);
        if (commit && _transaction!.Outcome == Outcome.Aborted)
            _transaction.Outcome = Outcome.Unknown;
        Func<BrokerHost, Task<ProducerIdentity>> request =
            host => host.Transactions.EndAsync(kind.Id, id, epoch, commit, bumpEpoch: kind.BumpsEpochs).AsTask();
        if (kind.BumpsEpochs)
            AddLate(request);
        var reply = await AskAsync(commit ? "commit" : "abort", request, static answer => answer.Error);
        if (!reply.IsAnswered || IsFenced(reply.Answer.Error))
            return false;
        if (reply.Answer.Error == ErrorCode.InvalidTxnState)
        {
            // The protocol of old: nothing of what is aborted has reached the broker. librdkafka is of no more use then.
            Demand(!kind.BumpsEpochs && !commit && !_isKnownOpen);
            Forget("nothing to abort");
            return false;
        }

        Demand(reply.Answer.Error == ErrorCode.None);
        if (commit)
            _transaction!.Outcome = Outcome.Committed;
        if (kind.BumpsEpochs)
            Hold(reply.Answer);
        _transaction = null;
        return true;
    }

    private void AddLate<T>(Func<BrokerHost, Task<T>> request)
    {
        if (random.Next(8) == 0)
            _late.Add(host => request(host));
    }

    private async Task<Reply<T>> AskAsync<T>(string name, Func<BrokerHost, Task<T>> request, Func<T, ErrorCode> errorOf)
    {
        var ends = broker.Ends;
        var reply = await broker.AskAsync(request);
        _told.Add($"{name}: {(reply.IsAnswered ? errorOf(reply.Answer!) : broker.Ends > ends ? "the broker ends" : reply.Fate)}");
        return reply;
    }

    private bool IsFenced(ErrorCode error)
    {
        if (error is not (ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch))
            return false;
        Demand(MayBeFenced);
        Forget("fenced");
        return true;
    }

    private void Demand(bool holds) => holds.ShouldBeTrue(Story);
}

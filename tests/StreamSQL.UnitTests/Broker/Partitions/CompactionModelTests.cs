using StreamSQL.Broker;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Partitions;

/// <summary>
/// Random histories of a compacted partition (plain, idempotent and transactional producers, deletions, all codecs), cleaned at random
/// points with a map of a few keys, with power cuts in between. Whatever was done: by key, what a read-committed reader sees stays the
/// same, a reader that takes less than <c>delete.retention.ms</c> misses no deletion, and no record has changed.
/// </summary>
public sealed class CompactionModelTests
{
    private const int DeleteRetentionMs = 1000;
    private const int Keys = 12;
    private static readonly TopicPartition Name = new("t", 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task What_a_reader_sees_by_key_survives_compaction(int seed)
    {
        var history = await History.BeginAsync(new Random(seed));
        for (var step = 0; step < 600; step++)
            await history.StepAsync();
        history.Cleanings.ShouldBeGreaterThan(10);
        history.FinishedReaders.ShouldBeGreaterThan(1);
        await history.CheckProducersAsync();
        await history.EndAsync();
    }

    /// <summary>A partition, and what must be true of it.</summary>
    private sealed class History(Random random)
    {
        private static readonly CompressionType[] Codecs = Enum.GetValues<CompressionType>();
        private readonly SortedDictionary<long, (TestRecord Record, Transaction? Transaction)> _written = [];
        private readonly Dictionary<long, Transaction?> _producers = [];
        private readonly Dictionary<long, (int Next, byte[] LastBatch, long Offset)> _sequences = [];
        private readonly List<Reader> _readers = [new(), new(), new()];
        private readonly SteppedTime _time = new();
        private MemoryFileSystem _disk = new();
        private BrokerHost _broker = null!;
        private Partition _partition = null!;
        private int _values;

        public int Cleanings { get; private set; }

        public int FinishedReaders { get; private set; }

        public static async Task<History> BeginAsync(Random random)
        {
            var history = new History(random);
            await history.OpenAsync();
            await history._broker.Topics.CreateAsync("t", 1,
            [
                new("cleanup.policy", "compact"), new("internal.segment.bytes", "1500"), new("min.cleanable.dirty.ratio", "0"),
                new("delete.retention.ms", $"{DeleteRetentionMs}"), new("index.interval.bytes", "200"),
            ]);
            history._partition = history._broker.Topics.Find(Name)!;
            return history;
        }

        public async Task StepAsync()
        {
            _time.Advance(random.Next(40));
            var choice = random.Next(100);
            if (choice < 30)
                await AppendAsync(producerId: -1);
            else if (choice < 45)
                await AppendAsync(100 + random.Next(3));
            else if (choice < 65)
                await AppendAsync(200 + random.Next(3), transactional: true);
            else if (choice < 78)
                await EndTransactionAsync(200 + random.Next(3), random.Next(2) == 0);
            else if (choice < 88)
                Clean();
            else if (choice < 99)
                Advance(_readers[random.Next(_readers.Count)]);
            else
                await CutPowerAsync();
            if (choice == 98)
                CheckView();
        }

        public async Task EndAsync()
        {
            CheckView();
            await _broker.DisposeAsync();
        }

        /// <summary>Every producer's last batch, sent again, is still known as the one that was appended.</summary>
        public async Task CheckProducersAsync()
        {
            foreach (var (producerId, (_, batch, offset)) in _sequences)
            {
                if (producerId < 200)
                    (await _partition.AppendAsync(batch, RequiredAcks.All)).ShouldBe(new AppendResult(ErrorCode.None, offset, -1, 0));
            }
        }

        private async Task OpenAsync()
        {
            _broker = await BrokerHost.OpenAsync(
                "data",
                new BrokerOptions
                {
                    Storage = new() { Journal = new() { FileBytes = 64 * 1024, FirstFileBytes = 16 * 1024 } },
                    Cleaner = new() { DedupeBufferBytes = 24 * 5, Backoff = TimeSpan.FromHours(1) },
                },
                _disk,
                _time);
            if (_broker.Topics.Find(Name) is { } partition)
                _partition = partition;
        }

        private async Task AppendAsync(long producerId, bool transactional = false)
        {
            var records = new (string Key, string? Value)[random.Next(1, 5)];
            for (var i = 0; i < records.Length; i++)
                records[i] = ($"key {random.Next(Keys)}", random.Next(4) == 0 ? null : $"value {_values++}");
            var batch = TestBatches.Compressed(TestBatches.Keyed(_time.NowMs, records), Codecs[random.Next(Codecs.Length)]);
            var sequence = _sequences.GetValueOrDefault(producerId).Next;
            if (producerId >= 0)
                RecordBatchHeader.StampProducer(batch, producerId, 0, sequence, transactional);
            Verification? verified = transactional ? new Verification(_partition.MarkersOf(producerId), BumpsEpochs: false) : null;
            var result = await _partition.AppendAsync(batch, RequiredAcks.All, verified);
            result.Error.ShouldBe(ErrorCode.None);
            if (producerId >= 0)
                _sequences[producerId] = (sequence + records.Length, batch, result.BaseOffset);
            var transaction = transactional ? _producers.GetValueOrDefault(producerId) ?? new Transaction() : null;
            if (transactional)
                _producers[producerId] = transaction;
            for (var i = 0; i < records.Length; i++)
            {
                var record = new TestRecord(result.BaseOffset + i, _time.NowMs + i, records[i].Key, records[i].Value);
                _written.Add(record.Offset, (record, transaction));
            }
        }

        private async Task EndTransactionAsync(long producerId, bool commit)
        {
            if (_producers.GetValueOrDefault(producerId) is not { } transaction)
                return;
            var write = new AtomicAppend(_broker.Store);
            write.AddMarker(_partition, producerId, 0, new TransactionMarker(commit, 0));
            await write.Enqueue();
            transaction.State = commit ? TransactionState.Committed : TransactionState.Aborted;
            _producers[producerId] = null;
        }

        private void Clean()
        {
            _partition.Log.RollSegment();
            _broker.Store.Checkpoint();
            for (var passes = random.Next(4); passes > 0 && _broker.Cleaner.CleanOnce(); passes--)
                Cleanings++;
            _broker.Cleaner.Uncleanable.ShouldBeEmpty();
        }

        /// <summary>The broker that starts then aborts what was open.</summary>
        private async Task CutPowerAsync()
        {
            var cut = _disk.PowerCut(random);
            await _broker.DisposeAsync();
            _disk = cut;
            await OpenAsync();
            foreach (var (producerId, transaction) in _producers)
            {
                if (transaction is not null)
                    transaction.State = TransactionState.Aborted;
                _producers[producerId] = null;
            }
        }

        private void CheckView()
        {
            var reader = new Reader();
            while (Read(reader))
            {
            }

            reader.View.ShouldBe(Expected(_partition.LastStableOffset));
        }

        private void Advance(Reader reader)
        {
            if (_time.NowMs - reader.StartedMs >= DeleteRetentionMs)
                reader.Begin(_time.NowMs);
            for (var reads = random.Next(30); reads > 0; reads--)
            {
                if (Read(reader))
                    continue;
                reader.View.ShouldBe(Expected(_partition.LastStableOffset));
                FinishedReaders++;
                reader.Begin(_time.NowMs);
                return;
            }
        }

        private SortedDictionary<string, string> Expected(long end)
        {
            var view = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (offset, (record, transaction)) in _written)
            {
                if (offset < end && transaction is null or { State: TransactionState.Committed })
                    Put(view, record);
            }

            return view;
        }

        /// <summary>One fetch of a read-committed consumer; false at the end.</summary>
        private bool Read(Reader reader)
        {
            using var records = Fetch(reader.Offset, out var aborted);
            var rest = records.Batches.Span;
            while (RecordBatchHeader.TryRead(rest, out var batch))
            {
                RecordBatchValidator.CheckIntact(batch.Batch, out _).ShouldBe(ErrorCode.None);
                var (producerId, offset) = (batch.ProducerId, batch.BaseOffset);
                if (batch.Attributes.IsControl)
                    aborted.RemoveAll(a => a.ProducerId == producerId && a.FirstOffset <= offset);
                else if (!batch.Attributes.IsTransactional || !aborted.Any(a => a.ProducerId == producerId && a.FirstOffset <= offset))
                    Take(batch, reader);
                rest = rest[batch.SizeInBytes..];
            }

            reader.Offset = Math.Max(reader.Offset, records.NextOffset);
            return !records.IsEmpty;
        }

        private StreamSQL.Storage.Logs.LogRead Fetch(long offset, out List<AbortedTransaction> aborted)
        {
            var read = _partition.Read(offset, random.Next(1, 600), IsolationLevel.ReadCommitted);
            read.Error.ShouldBe(ErrorCode.None);
            aborted = [.. read.Aborted];
            return read.Records;
        }

        private void Take(RecordBatchHeader batch, Reader reader)
        {
            foreach (var record in TestBatches.RecordsOf(batch))
            {
                record.ShouldBe(_written[record.Offset].Record);
                if (record.Offset >= reader.Offset)
                    Put(reader.View, record);
            }
        }

        private static void Put(SortedDictionary<string, string> view, TestRecord record)
        {
            if (record.Value is null)
                view.Remove(record.Key!);
            else
                view[record.Key!] = record.Value;
        }
    }

    private enum TransactionState
    {
        Open,
        Committed,
        Aborted,
    }

    private sealed class Transaction
    {
        public TransactionState State { get; set; }
    }

    private sealed class Reader
    {
        public long Offset { get; set; }

        public long StartedMs { get; private set; }

        public SortedDictionary<string, string> View { get; } = new(StringComparer.Ordinal);

        public void Begin(long nowMs)
        {
            Offset = 0;
            StartedMs = nowMs;
            View.Clear();
        }
    }

    /// <summary>A clock that moves when told; its timers are real and far apart.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        public long NowMs { get; private set; } = 1_000_000;

        public void Advance(long milliseconds) => NowMs += milliseconds;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);
    }
}

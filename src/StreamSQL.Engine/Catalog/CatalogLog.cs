using System.Buffers.Binary;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Leases;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Catalog;

/// <summary>
/// The catalog as a topic of one partition that never expires. A record says which version it was made against and counts only if the
/// catalog is still there when its turn comes, so of two statements made at once one wins and the other
/// one is told. The image is the fold of all that count.
/// </summary>
internal sealed class CatalogLog : IAsyncDisposable
{
    private const byte FormatVersion = 1;
    private const int HeaderSize = 1 + sizeof(long);

    private readonly IBrokerClient _broker;
    private readonly TimeProvider _time;
    private readonly PartitionReader _reader;
    private readonly WorkerSignal _arrived = new();
    private readonly SemaphoreSlim _turn = new(1);
    private volatile EngineLease? _lease;
    private volatile Func<string>? _holder;
    private volatile CatalogImage _image = CatalogImage.Empty;

    private CatalogLog(IBrokerClient broker, EngineLease? lease, TimeProvider time, long start)
    {
        _broker = broker;
        _lease = lease;
        _time = time;
        _reader = new PartitionReader(
            broker, new TopicPartition(InternalTopics.Catalog, 0), start, withHeaders: false, _arrived.Callback);
    }

    /// <summary>The newest image. Any thread.</summary>
    public CatalogImage Image => _image;

    /// <summary>Opens the log, creates its topic if need be, and replays all records.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="lease">What lets this engine append, where engines share the broker; null where there is no other.</param>
    /// <param name="holder">Where the engine is that appends, when this one only follows; else null.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">A record is of a format version that this program does not know.</exception>
    public static async ValueTask<CatalogLog> OpenAsync(
        IBrokerClient broker, EngineLease? lease, Func<string>? holder, TimeProvider time, CancellationToken cancellation)
    {
        if ((await broker.GetTopicsAsync([InternalTopics.Catalog], cancellation)).Count == 0)
            await CreateTopicAsync(broker, cancellation);
        var offsets = await broker.GetOffsetsAsync(new TopicPartition(InternalTopics.Catalog, 0), cancellation);
        if (offsets.LogStart > 0)
            throw new InvalidDataException($"the catalog topic begins at offset {offsets.LogStart}: its first records are gone");
        var log = new CatalogLog(broker, lease, time, offsets.LogStart) { Holder = holder };
        await log.ReplayAsync(offsets.LastStable, waitFor: -1, cancellation);
        return log;
    }

    /// <summary>
    /// What lets this engine append, where engines share the broker; null where there is no other, or while another has it.
    /// </summary>
    public EngineLease? Lease => _lease;

    /// <summary>
    /// Where the engine is that writes the log, while this one only follows it (empty when that is not known); null when it is this one.
    /// </summary>
    public Func<string>? Holder
    {
        get => _holder;
        init => _holder = value;
    }

    /// <summary>Begins to write the log, with a lease just taken, when all that is there has been applied.</summary>
    public void Lead(EngineLease lease)
    {
        _lease = lease;
        _holder = null;
    }

    /// <summary>Waits until there may be more than the image holds, and applies it.</summary>
    /// <exception cref="KafkaException">The broker refuses.</exception>
    /// <exception cref="InvalidDataException">A record is of a later version.</exception>
    public async ValueTask WaitForMoreAsync(CancellationToken cancellation)
    {
        var known = _image.Version;
        while (!await TryReadMoreAsync(cancellation) && _image.Version == known)
            await _arrived.WaitAsync(cancellation);
    }

    /// <summary>Applies all that the log holds now.</summary>
    public async ValueTask CatchUpAsync(CancellationToken cancellation)
    {
        var end = (await _broker.GetOffsetsAsync(_reader.Partition, cancellation)).LastStable;
        await _turn.WaitAsync(cancellation);
        try
        {
            await ReplayAsync(end, waitFor: -1, cancellation);
        }
        finally
        {
            _turn.Release();
        }

        _arrived.Set(); // a follower does what it says
    }

    private async ValueTask<bool> TryReadMoreAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var any = false;
            while (_reader.TryRead() is { } run)
            {
                Apply(run, waitFor: -1);
                any = true;
            }

            return any;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Refuses what changes the catalog where another engine writes it.</summary>
    /// <exception cref="SqlException">25006: it names that engine.</exception>
    public void RequireWriter()
    {
        if (_holder is not { } holder)
            return;
        var address = holder();
        throw new SqlException(
            PostgresErrorCodes.ReadOnlySqlTransaction,
            "this engine shares queries with others, and another one changes the definitions",
            address.Length > 0 ? $"Connect to {address} for this statement." : "Try again: it is being decided which one does.");
    }

    /// <summary>
    /// Appends a record and applies it, if the catalog is still at <paramref name="expectedVersion"/>;
    /// false when another record came first.
    /// </summary>
    /// <exception cref="KafkaException">The broker refused.</exception>
    /// <exception cref="SqlException">54000: it is too large; 57P03: another engine has taken over.</exception>
    public async ValueTask<bool> TryAppendAsync(CatalogRecord record, long expectedVersion, CancellationToken cancellation)
    {
        RequireWriter();
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_image.Version != expectedVersion)
                return false;
            using var builder = new RecordBatchBuilder();
            builder.Append(default, hasKey: false, Encode(record, expectedVersion), hasValue: true,
                _time.GetUtcNow().ToUnixTimeMilliseconds());

            // From here on the record may be durable: it is followed to its end, cancelled or not.
            var offset = await AppendAsync(builder.Build());
            return await ReplayAsync(offset + 1, waitFor: offset, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<long> AppendAsync(Memory<byte> batch)
    {
        try
        {
            return _lease is null
                ? await _broker.ProduceAsync(_reader.Partition, batch, CancellationToken.None)
                : await _lease.AppendAsync(_reader.Partition, batch);
        }
        catch (KafkaException error) when (error.Code == ErrorCode.MessageTooLarge)
        {
            throw new SqlException(
                PostgresErrorCodes.ProgramLimitExceeded, $"the statement is too large for the catalog: {batch.Length} bytes with its plan",
                "Split it.", inner: error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        _turn.Dispose();
    }

    private static async ValueTask CreateTopicAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        try
        {
            await broker.CreateTopicAsync(new NewTopic(InternalTopics.Catalog, 1, 1, InternalTopics.CatalogConfigs), cancellation);
        }
        catch (KafkaException error) when (error.Code == ErrorCode.TopicAlreadyExists)
        {
            // Another engine on the broker was faster.
        }
    }

    private static byte[] Encode(CatalogRecord record, long expectedVersion)
    {
        var body = CatalogCodec.Encode(record);
        var value = new byte[HeaderSize + body.Length];
        value[0] = FormatVersion;
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(1), expectedVersion);
        body.CopyTo(value, HeaderSize);
        return value;
    }

    /// <summary>Applies all records below an offset; returns whether the one at <paramref name="waitFor"/> counted.</summary>
    private async ValueTask<bool> ReplayAsync(long end, long waitFor, CancellationToken cancellation)
    {
        var counted = false;
        while (_reader.Position < end)
        {
            var run = await _reader.ReadAsync(cancellation);
            counted |= Apply(run, waitFor);
        }

        return counted;
    }

    private bool Apply(RecordRun run, long waitFor)
    {
        var counted = false;
        for (var i = 0; i < run.Count; i++)
        {
            var applied = Apply(run.Values[i]);
            counted |= applied && run.Offsets[i] == waitFor;
        }

        return counted;
    }

    private bool Apply(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeaderSize || value[0] != FormatVersion)
            throw new InvalidDataException("a record of the catalog topic has an unknown format version");
        if (BinaryPrimitives.ReadInt64BigEndian(value[1..]) != _image.Version)
            return false;
        _image = _image.Apply(CatalogCodec.Decode(value[HeaderSize..]));
        return true;
    }
}

using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Leases;

/// <summary>Reads the lease topic: who holds the lease, and since when nothing was heard. One caller at a time.</summary>
public sealed class LeaseWatch : IDisposable
{
    private const int FetchBytes = 64 * 1024;
    private static readonly TopicPartition Partition = new(InternalTopics.Lease, 0);

    private readonly IBrokerClient _broker;
    private readonly TimeProvider _time;
    private readonly RecordParser _parser = new(withHeaders: false);
    private readonly RecordRun _run = new();
    private long _position;
    private long _heardAt;

    private LeaseWatch(IBrokerClient broker, TimeProvider time, long position)
    {
        _broker = broker;
        _time = time;
        _position = position;
        _heardAt = time.GetTimestamp();
    }

    /// <summary>The last word; null when there is none.</summary>
    public LeaseRecord? Last { get; private set; }

    /// <summary>How long nothing was heard although the broker answered.</summary>
    internal TimeSpan Silence => _time.GetElapsedTime(_heardAt);

    /// <summary>Makes the topic if need be, and reads what is there.</summary>
    /// <exception cref="KafkaException">The broker refuses.</exception>
    /// <exception cref="InvalidDataException">A record is of a later version.</exception>
    public static async Task<LeaseWatch> OpenAsync(
        IBrokerClient broker, short replicationFactor, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            if ((await broker.GetTopicsAsync([InternalTopics.Lease], cancellation)).Count == 0)
            {
                var topic = new NewTopic(InternalTopics.Lease, 1, replicationFactor, InternalTopics.LeaseConfigs);
                await broker.CreateTopicAsync(topic, cancellation);
            }
        }
        catch (KafkaException error) when (error.Code == ErrorCode.TopicAlreadyExists)
        {
            // Another engine has just made it.
        }

        var offsets = await broker.GetOffsetsAsync(Partition, cancellation);
        var watch = new LeaseWatch(broker, time, offsets.LogStart);
        while (watch._position < offsets.LastStable)
            await watch.ReadAsync(TimeSpan.FromSeconds(1), cancellation);
        return watch;
    }

    /// <summary>Waits up to a time for the next word, and takes it.</summary>
    /// <exception cref="KafkaException">The broker refuses.</exception>
    /// <exception cref="InvalidDataException">A record is of a later version.</exception>
    public async Task ReadAsync(TimeSpan wait, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        try
        {
            using var fetched = await _broker.FetchAsync(
                Partition, _position, FetchBytes, wait, IsolationLevel.ReadCommitted, cancellation);

            // A broker that was away, or a process that was stopped, has heard nothing because it could not.
            if (Take(fetched) || _time.GetElapsedTime(began) > 2 * wait)
                _heardAt = _time.GetTimestamp();
        }
        catch (KafkaException error) when (error.Code == ErrorCode.OffsetOutOfRange)
        {
            _position = (await _broker.GetOffsetsAsync(Partition, cancellation)).LogStart; // old words have expired
        }
        catch (KafkaException)
        {
            _heardAt = _time.GetTimestamp();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _parser.Dispose();

    /// <summary>Whether there was a word.</summary>
    private bool Take(FetchedRecords fetched)
    {
        var any = false;
        _parser.Begin(fetched);
        while (_parser.Next(_run, _position))
        {
            for (var i = 0; i < _run.Count; i++)
                Last = LeaseRecord.Decode(_run.Values[i]);
            any |= _run.Count > 0;
            _position = _run.NextOffset;
        }

        return any;
    }
}

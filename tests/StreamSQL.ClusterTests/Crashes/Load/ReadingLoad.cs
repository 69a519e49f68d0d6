using System.Diagnostics;
using StreamSQL.ClusterTests.Crashes.Checking;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.ClusterTests.Crashes.Load;

/// <summary>A reader of one partition from its beginning, which goes on where it was when the broker comes back.</summary>
internal sealed class ReadingLoad(IBrokerClient client, int partition, IsolationLevel isolation, Reading reading, History history)
{
    private const int MaxBytes = 512 * 1024;
    private static readonly TimeSpan _wait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    public async Task RunAsync(CancellationToken stop)
    {
        long offset = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using FetchedRecords fetched = await client.FetchAsync(LoadTopic.Partition(partition), offset, MaxBytes, _wait,
                    isolation, stop);
                offset = LoadTopic.Read(fetched, partition, offset, Stopwatch.GetTimestamp(), reading.Seen);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
            catch (KafkaException e) when (e.Code == ErrorCode.OffsetOutOfRange)
            {
                history.WrongAnswer($"{reading.Name}: offset {offset} of partition {partition} was there and is out of range");
                return;
            }
            catch (KafkaException)
            {
                await Task.Delay(_pause, CancellationToken.None); // the broker is away
            }
        }
    }

    /// <summary>All records of a partition up to its end.</summary>
    public static async Task ReadToEndAsync(IBrokerClient client, TopicPartition partition, IsolationLevel isolation, List<SeenRecord> seen)
    {
        PartitionOffsets offsets = await client.GetOffsetsAsync(partition, default);
        for (long offset = offsets.LogStart; offset < offsets.HighWatermark;)
        {
            using FetchedRecords fetched = await client.FetchAsync(partition, offset, MaxBytes, TimeSpan.FromSeconds(5),
                isolation, default);
            if (fetched.Batches.IsEmpty)
                throw new InvalidOperationException(
                    $"partition {partition} ends at {offset} of {offsets.HighWatermark}: a transaction is still open");
            offset = LoadTopic.Read(fetched, partition.Partition, offset, 0, seen);
        }
    }
}

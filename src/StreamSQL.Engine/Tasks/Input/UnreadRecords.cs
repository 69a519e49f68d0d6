using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>What lies unread in a repartition topic, as the broker knows it, whichever engines write and read it.</summary>
/// <param name="broker">The broker.</param>
/// <param name="time">The clock.</param>
/// <param name="consumerGroup">Who reads it.</param>
/// <param name="topic">The topic.</param>
/// <param name="partitions">Its partitions.</param>
internal sealed class UnreadRecords(IBrokerClient broker, TimeProvider time, string consumerGroup, string topic, int partitions)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Records that are committed, and not read and committed by the reader, about: markers count too.</summary>
    /// <exception cref="Kafka.KafkaException">The broker refuses.</exception>
    public async ValueTask<long> CountAsync()
    {
        var all = Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition)).ToArray();
        var committed = await broker.GetCommittedOffsetsAsync(consumerGroup, all, CancellationToken.None);
        long records = 0;
        foreach (var partition in all)
        {
            var offsets = await broker.GetOffsetsAsync(partition, CancellationToken.None);
            records += Math.Max(0, offsets.LastStable - Math.Max(offsets.LogStart, committed.GetValueOrDefault(partition)));
        }

        return records;
    }

    /// <summary>Lets some time go by before it is asked again.</summary>
    public Task PauseAsync() => Task.Delay(Pause, time, CancellationToken.None);
}

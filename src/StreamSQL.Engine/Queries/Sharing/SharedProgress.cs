using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Queries.Sharing;

/// <summary>How far the engines that share a query have read, by what its consumer group has committed.</summary>
/// <param name="topology">The query's physical plan.</param>
/// <param name="broker">The broker.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedProgress(QueryTopology topology, IBrokerClient broker, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until all stages have read and committed what the query's topics hold now, or <paramref name="isHalted"/>.</summary>
    public async ValueTask WaitUntilCaughtUpAsync(Func<bool> isHalted, CancellationToken cancellation)
    {
        // Two stages that feed each other: what the first pass waits for may bring the one before it something.
        for (var pass = topology.Stages.Any(static stage => stage.Outputs.Count > 1) ? 2 : 1; pass > 0; pass--)
        {
            foreach (var stage in topology.Stages)
            {
                foreach (var input in stage.Inputs)
                {
                    for (var partition = 0; partition < stage.Partitions; partition++)
                        await WaitAsync(new(input.Topic, partition), input is RepartitionInput, isHalted, cancellation);
                }
            }
        }
    }

    private async ValueTask WaitAsync(TopicPartition partition, bool isInternal, Func<bool> isHalted, CancellationToken cancellation)
    {
        // Who writes an internal topic ends its open transactions soon: what they hold counts too.
        var offsets = await broker.GetOffsetsAsync(partition, cancellation);
        var end = isInternal ? offsets.HighWatermark : offsets.LastStable;
        while (!isHalted() && !await HasReadAsync(partition, offsets.LogStart, end, cancellation))
            await Task.Delay(Pause, time, cancellation);
    }

    /// <summary>Markers and what compaction has left out move no committed offset: they are looked for.</summary>
    private async ValueTask<bool> HasReadAsync(TopicPartition partition, long start, long end, CancellationToken cancellation)
    {
        var committed = await broker.GetCommittedOffsetsAsync(
            InternalTopics.ConsumerGroup(topology.QueryId), [partition], cancellation);
        var position = Math.Max(start, committed.GetValueOrDefault(partition));
        if (position >= end)
            return true;
        if ((await broker.GetOffsetsAsync(partition, cancellation)).LastStable < end)
            return false;
        await using var reader = new PartitionReader(broker, partition, position, withHeaders: false, static () => { })
            { MaxWait = TimeSpan.Zero };
        while (reader.Position < end)
        {
            if ((await reader.ReadAsync(cancellation, end)).Count > 0)
                return false;
        }

        return true;
    }
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>What a push query reads of a partition first, before it gives rows as they come.</summary>
/// <param name="Begin">The first offset.</param>
/// <param name="LoadEnd">The first offset that is news; that of <paramref name="Begin"/> when nothing is to be loaded.</param>
internal readonly record struct PushRange(long Begin, long LoadEnd);

/// <summary>Where a push query begins in each partition.</summary>
/// <param name="start">What was asked for.</param>
/// <param name="plan">The query.</param>
/// <param name="resumed">The position to go on from; null when none is given.</param>
internal sealed class PushRanges(PushStart start, PushPlan plan, IReadOnlyDictionary<(string Input, int Partition), PushOffset>? resumed)
{
    /// <summary>Where it begins in a partition. A position need not name all partitions: some may have come later.</summary>
    /// <param name="input">The source's name; see <see cref="PushPlan.InputNames"/>.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="isKept">Whether it is a table that is kept, so that changes of it are understood.</param>
    /// <param name="bounds">The offsets that are there.</param>
    /// <exception cref="SqlException">72000: the records behind the position are gone; 22023: there never were any.</exception>
    public PushRange Of(string input, TopicPartition partition, bool isKept, PartitionOffsets bounds)
    {
        if (resumed is not null)
        {
            return resumed.TryGetValue((input, partition.Partition), out var offset)
                ? Resume(partition, offset, bounds)
                : new(bounds.LogStart, bounds.LogStart);
        }

        if (start.Options.Snapshot || isKept)
            return new(bounds.LogStart, bounds.LastStable);
        var begin = start.FromLatest ? bounds.LastStable : bounds.LogStart;
        return new(begin, begin);
    }

    private PushRange Resume(TopicPartition partition, PushOffset offset, PartitionOffsets bounds)
    {
        var begin = plan.IsStateless ? offset.Offset : offset.Begin >= 0 ? offset.Begin : bounds.LogStart;
        if (begin < bounds.LogStart || offset.Offset < bounds.LogStart)
        {
            var first = Math.Min(begin, offset.Offset);
            throw new SqlException(
                PostgresErrorCodes.SnapshotFailure,
                $"records behind offset {first} of {partition} have been deleted: the first that is left has offset {bounds.LogStart}",
                "Begin anew, or let the topic keep its records longer (retention.ms).", start.Options.Position);
        }

        if (offset.Offset > bounds.HighWatermark)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue,
                $"offset {offset.Offset} of {partition} lies behind its end, {bounds.HighWatermark}",
                "The position is of another topic, or of one that was made anew.", start.Options.Position);
        }

        return new(begin, offset.Offset);
    }
}

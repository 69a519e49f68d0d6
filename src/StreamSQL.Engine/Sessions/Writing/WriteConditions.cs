using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>Compares what writes expect with what their tables hold.</summary>
internal sealed class WriteConditions(TaskEnvironment tasks)
{
    /// <summary>
    /// Waits until the tables have read all that is in the partitions of conditional rows, and compares. Gives where each of those
    /// partitions ended, or null when a row is no longer what was expected.
    /// </summary>
    /// <param name="writes">The writes.</param>
    /// <param name="seenEnds">Where partitions are known to have come to.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async ValueTask<Dictionary<TopicPartition, long>?> CheckAsync(
        IReadOnlyList<RowWrite> writes, IReadOnlyDictionary<TopicPartition, long> seenEnds, CancellationToken cancellation)
    {
        var ends = new Dictionary<TopicPartition, long>();
        var partitions = new HashSet<int>();
        foreach (var write in writes)
        {
            if (!write.IsConditional)
                continue;
            var table = tasks.Tables.Get(write.Target, tasks);
            partitions.Clear();
            write.CollectConditional(partitions);
            foreach (var partition in partitions)
            {
                var name = new TopicPartition(write.Target.Topic, partition);
                if (!ends.ContainsKey(name))
                    ends.Add(name, await table.Partitions[partition].WaitUntilDecidedAsync(seenEnds.GetValueOrDefault(name), cancellation));
                if (!Holds(write, partition, table.Partitions[partition].Table))
                    return null;
            }
        }

        return ends;
    }

    private static bool Holds(RowWrite write, int partition, RowTable table)
    {
        var rows = new int[write.Count];
        var count = 0;
        for (var i = 0; i < write.Count; i++)
        {
            var row = write.Rows.Selection[i];
            if (write.Partitions[i] == partition && write.ConditionOf(row) != RowCondition.None)
                rows[count++] = row;
        }

        var slots = new int[count];
        var current = table.Values.Select(static column => Column.Create(column.Type)).ToArray();
        lock (table.Sync)
        {
            table.Index.Find(write.Rows.Columns.AsSpan(0, write.KeyCount), RowSelection.Of(rows, count), slots);
            for (var i = 0; i < count; i++)
            {
                var isThere = slots[i] >= 0 && table.IsCommitted(slots[i]);
                if (isThere != (write.ConditionOf(rows[i]) == RowCondition.IsUnchanged))
                    return false;
                if (!isThere)
                    slots[i] = -1;
            }

            // What expects no row has found none: what is left expects a certain one.
            count = Keep(rows, slots, count);
            foreach (var column in current)
                column.Reset(count);
            table.ReadCommitted(slots.AsSpan(0, count), current, new long[count]);
        }

        return AreSame(write.Old[write.KeyCount..], RowSelection.Of(rows, count), current);
    }

    private static int Keep(int[] rows, int[] slots, int count)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (slots[i] < 0)
                continue;
            rows[kept] = rows[i];
            slots[kept++] = slots[i];
        }

        return kept;
    }

    private static bool AreSame(ReadOnlySpan<Column> expected, RowSelection rows, Column[] current)
    {
        if (current.Length == 0 || rows.Count == 0)
            return true;
        var encoder = new KeyEncoder(current.Select(static column => column.Type).ToArray(), nullable: true);
        var (before, now) = (new KeyBatch(), new KeyBatch());
        encoder.Encode(expected, rows, before);
        encoder.Encode(current, RowSelection.All(rows.Count), now);
        for (var i = 0; i < rows.Count; i++)
        {
            if (!before[i].SequenceEqual(now[i]))
                return false;
        }

        return true;
    }
}

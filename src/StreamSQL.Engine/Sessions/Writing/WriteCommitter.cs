using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>
/// Appends what clients write. All writes of a transaction become visible together or not at all. Writes that depend on rows of a table are
/// appended only while those rows are what they were computed from: writers of one partition take turns, and the broker appends only if
/// nobody else, a Kafka client say, has written to it meanwhile. Thread-safe.
/// </summary>
internal sealed class WriteCommitter(TaskEnvironment tasks) : IAsyncDisposable
{
    private const int MaxAttempts = 1000;

    private readonly WriteConditions _conditions = new(tasks);
    private readonly PartitionLocks _locks = new();
    private readonly TransactionalWriters _writers = new(tasks.Broker, tasks.Sharing?.Engine);

    /// <summary>
    /// Computes and appends the write of one statement; computes it anew while the rows that it depends on change in between.
    /// </summary>
    /// <exception cref="SqlException">It cannot be computed or appended.</exception>
    public async ValueTask<RowWrite> CommitAsync(Func<CancellationToken, ValueTask<RowWrite>> compute, CancellationToken cancellation)
    {
        var write = await compute(cancellation);
        var partitions = new HashSet<int>();
        var attempts = 0;
        while (true)
        {
            write.CollectConditional(partitions);
            using var turns = await _locks.EnterAsync(partitions.Select(p => new TopicPartition(write.Target.Topic, p)), cancellation);

            // Only writers that take no turns can come in between from here on.
            while (partitions.IsSupersetOf(ConditionalPartitions(write)))
            {
                if (await TryAppendAsync([write], cancellation))
                    return write;
                if (++attempts == MaxAttempts)
                    throw Conflict(write.Target.Name);
                write = await compute(cancellation);
            }
        }
    }

    /// <summary>Appends the writes of a transaction.</summary>
    /// <exception cref="SqlException">40001: a row that they depend on has changed; nothing was written.</exception>
    public async ValueTask CommitAsync(IReadOnlyList<RowWrite> writes, CancellationToken cancellation)
    {
        var partitions = writes.SelectMany(write => ConditionalPartitions(write).Select(p => new TopicPartition(write.Target.Topic, p)))
            .ToHashSet();
        using var turns = await _locks.EnterAsync(partitions, cancellation);
        if (!await TryAppendAsync(writes, cancellation))
            throw Conflict(string.Join(", ", writes.Where(static write => write.IsConditional).Select(static write => write.Target.Name)
                .Distinct()));
    }

    /// <summary>
    /// Computes and appends the writes of one statement, all or none; computes them anew while the rows
    /// that they depend on change in between.
    /// </summary>
    /// <exception cref="SqlException">They cannot be computed or appended.</exception>
    public async ValueTask<IReadOnlyList<RowWrite>> CommitAllAsync(
        Func<CancellationToken, ValueTask<IReadOnlyList<RowWrite>>> compute, CancellationToken cancellation)
    {
        for (var attempts = 1; ; attempts++)
        {
            var writes = await compute(cancellation);
            try
            {
                await CommitAsync(writes, cancellation);
                return writes;
            }
            catch (SqlException error) when (error.SqlState == PostgresErrorCodes.SerializationFailure && attempts < MaxAttempts)
            {
                // Nothing was written: the statement begins again from what is there now.
            }
        }
    }

    /// <summary>Appends rows that depend on nothing, each partition by itself; what was appended stays when another append fails.</summary>
    public async ValueTask AppendByPartitionAsync(RowWrite write)
    {
        using var batches = WriteBatches.Of([write]);
        try
        {
            await Task.WhenAll(batches.ByPartition.Select(async partition =>
            {
                foreach (var batch in partition.Value)
                    await tasks.Broker.ProduceAsync(partition.Key, batch.Build(), CancellationToken.None);
            }));
        }
        catch (KafkaException error)
        {
            throw WriteErrors.Of(error);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _writers.DisposeAsync();

    private static HashSet<int> ConditionalPartitions(RowWrite write)
    {
        var partitions = new HashSet<int>();
        write.CollectConditional(partitions);
        return partitions;
    }

    /// <summary>Appends, unless a row is no longer what was expected: then false.</summary>
    private async ValueTask<bool> TryAppendAsync(IReadOnlyList<RowWrite> writes, CancellationToken cancellation)
    {
        var seenEnds = new Dictionary<TopicPartition, long>();
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await _conditions.CheckAsync(writes, seenEnds, cancellation) is not { } ends)
                return false;
            try
            {
                await AppendAsync(writes, ends, cancellation);
                return true;
            }
            catch (AppendConflictException conflict)
            {
                seenEnds[conflict.Partition] = conflict.ActualEnd;
            }
            catch (KafkaException error)
            {
                throw WriteErrors.Of(error);
            }
        }

        return false;
    }

    private async ValueTask AppendAsync(IReadOnlyList<RowWrite> writes, Dictionary<TopicPartition, long> ends,
        CancellationToken cancellation)
    {
        using var batches = WriteBatches.Of(writes);
        cancellation.ThrowIfCancellationRequested();
        if (batches.Count == 1 && ends.Count == 0)
        {
            var (partition, only) = batches.ByPartition.Single();
            await tasks.Broker.ProduceAsync(partition, only[0].Build(), CancellationToken.None);
        }
        else if (batches.Count > 0)
        {
            await _writers.CommitAsync(new TransactionContent(batches.Build(), null, []) { ExpectedEnds = [.. ends] }, cancellation);
        }
    }

    private static SqlException Conflict(string tables) => new(
        PostgresErrorCodes.SerializationFailure, $"could not serialize access due to concurrent update of {tables}",
        "Another client has changed a row that this transaction has read to write it: run the transaction again.");
}

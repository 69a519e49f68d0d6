using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>
/// One turn per partition for writes that depend on what its table holds: who has it reads, compares and appends, and no other such write
/// comes in between. Thread-safe.
/// </summary>
internal sealed class PartitionLocks
{
    private readonly Lock _sync = new();
    private readonly Dictionary<TopicPartition, Turn> _turns = [];

    /// <summary>Waits for the turn in all of the partitions, which are taken in one order for all.</summary>
    public async ValueTask<Held> EnterAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellation)
    {
        var held = new Held(this);
        try
        {
            foreach (var partition in partitions.OrderBy(static p => p.Topic, StringComparer.Ordinal).ThenBy(static p => p.Partition))
            {
                var turn = Join(partition);
                try
                {
                    await turn.Gate.WaitAsync(cancellation);
                }
                catch
                {
                    Leave(partition, turn);
                    throw;
                }

                held.Add(partition, turn);
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private Turn Join(TopicPartition partition)
    {
        lock (_sync)
        {
            if (!_turns.TryGetValue(partition, out var turn))
                _turns.Add(partition, turn = new Turn());
            turn.Users++;
            return turn;
        }
    }

    private void Leave(TopicPartition partition, Turn turn)
    {
        lock (_sync)
        {
            if (--turn.Users > 0)
                return;
            _turns.Remove(partition);
            turn.Gate.Dispose();
        }
    }

    /// <summary>The turns that somebody has; dispose it to pass them on.</summary>
    internal sealed class Held(PartitionLocks owner) : IDisposable
    {
        private readonly List<(TopicPartition Partition, Turn Turn)> _turns = [];

        /// <summary>Notes a turn.</summary>
        public void Add(TopicPartition partition, Turn turn) => _turns.Add((partition, turn));

        /// <inheritdoc/>
        public void Dispose()
        {
            foreach (var (partition, turn) in _turns)
            {
                turn.Gate.Release();
                owner.Leave(partition, turn);
            }

            _turns.Clear();
        }
    }

    /// <summary>The turn in one partition, and who has it or waits for it.</summary>
    internal sealed class Turn
    {
        /// <summary>Lets one in.</summary>
        public SemaphoreSlim Gate { get; } = new(1, 1);

        /// <summary>Holder and waiters.</summary>
        public int Users { get; set; }
    }
}

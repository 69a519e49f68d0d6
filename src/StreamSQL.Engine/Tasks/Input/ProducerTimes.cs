using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// The clocks of the tasks that write to one repartition partition. Stream time behind the repartition is their minimum. The map is state,
/// so that it survives a restart together with the rows that it judged.
/// </summary>
internal sealed class ProducerTimes : StateStore
{
    private const byte Version = 1;
    private const int KeySize = sizeof(int);
    private const int ValueSize = 1 + sizeof(long) + sizeof(long);

    private readonly IReadOnlyList<string> _sourceTopics;
    private readonly Clock[] _clocks;
    private readonly Clock[] _committed;
    private readonly bool[] _idle;
    private readonly bool[] _changed;

    /// <summary>Creates the map.</summary>
    /// <param name="id">The state's id.</param>
    /// <param name="sourceTopics">The topics that the producing tasks read, one partition of each.</param>
    /// <param name="producers">How many producing tasks there are.</param>
    public ProducerTimes(string id, IReadOnlyList<string> sourceTopics, int producers)
        : base(id)
    {
        _sourceTopics = sourceTopics;
        _clocks = new Clock[producers];
        _committed = new Clock[producers];
        _idle = new bool[producers];
        _changed = new bool[producers];
        Array.Fill(_clocks, new Clock(long.MinValue, 0));
        Array.Fill(_committed, new Clock(long.MinValue, 0));
    }

    /// <inheritdoc/>
    public override long MemoryBytes => 40L * _clocks.Length;

    /// <summary>The minimum over all producers, idle ones included: rows are late only against this.</summary>
    public long Floor
    {
        get
        {
            var floor = long.MaxValue;
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.DropWatermark))
                return _clocks.Max(static clock => clock.StreamTime);
#endif
            foreach (var clock in _clocks)
                floor = Math.Min(floor, clock.StreamTime);
            return floor;
        }
    }

    /// <summary>The minimum over the producers that are not idle; when all are, the maximum.</summary>
    public long StreamTime
    {
        get
        {
            var slowest = long.MaxValue;
            var fastest = long.MinValue;
            for (var i = 0; i < _clocks.Length; i++)
            {
                fastest = Math.Max(fastest, _clocks[i].StreamTime);
                if (!_idle[i])
                    slowest = Math.Min(slowest, _clocks[i].StreamTime);
            }

            return slowest == long.MaxValue ? fastest : slowest;
        }
    }

    /// <summary>Takes what a producer says. Its clock never goes back.</summary>
    /// <exception cref="InvalidDataException">There is no such producer.</exception>
    public void Observe(ProducerTime time)
    {
        if ((uint)time.Producer >= (uint)_clocks.Length)
            throw new InvalidDataException($"a stream time header names producer {time.Producer} of {_clocks.Length}");
        var clock = _clocks[time.Producer];
        _clocks[time.Producer] = new Clock(Math.Max(clock.StreamTime, time.StreamTime), Math.Max(clock.SourceOffset, time.SourceOffset));
        _changed[time.Producer] |= _clocks[time.Producer] != clock;
    }

    /// <summary>Whether all producers were idle when the broker was last asked.</summary>
    public bool AreAllIdle => !_idle.AsSpan().Contains(false);

    /// <summary>
    /// Asks the broker which producers are idle: those that have read their sources to their present ends. Silence alone never makes one
    /// idle. A producer of several sources tells the sum of its offsets: none is beyond its end, so the sum is there only when all are.
    /// </summary>
    public async ValueTask RefreshIdleAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        for (var i = 0; i < _clocks.Length; i++)
        {
            long ends = 0;
            var areEmpty = true;
            foreach (var topic in _sourceTopics)
            {
                var offsets = await broker.GetOffsetsAsync(new TopicPartition(topic, i), cancellation);
                ends += offsets.LastStable;
                areEmpty &= offsets.LogStart == offsets.LastStable;
            }

#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.TrustSilence))
                ends = 0;
#endif
            _idle[i] = _clocks[i].SourceOffset >= ends || areEmpty;
        }
    }

    /// <inheritdoc/>
    public override void WriteChangelog(SliceList keys, SliceList values)
    {
        for (var i = 0; i < _clocks.Length; i++)
        {
            if (_changed[i])
                WriteEntry(i, _clocks[i], keys, values);
        }
    }

    /// <inheritdoc/>
    public override void Restore(SliceList keys, SliceList values)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i].Length != KeySize || values[i].Length != ValueSize || values[i][0] != Version)
                throw new InvalidDataException("an entry of a stream time state has an unknown format version");
            Observe(new ProducerTime(
                BinaryPrimitives.ReadInt32BigEndian(keys[i]), BinaryPrimitives.ReadInt64BigEndian(values[i][1..]),
                BinaryPrimitives.ReadInt64BigEndian(values[i][9..])));
        }
    }

    /// <inheritdoc/>
    public override string Shape => $"clocks of {_clocks.Length} producers";

    /// <inheritdoc/>
    public override void Reset()
    {
        Array.Fill(_clocks, new Clock(long.MinValue, 0));
        Commit();
    }

    /// <inheritdoc/>
    internal override StateScan Scan() => new ClockScan(this);

    /// <inheritdoc/>
    internal override void Load(BlockReader block)
    {
        for (var i = 0; i < _clocks.Length; i++)
            _clocks[i] = new Clock(block.ReadInt64(), block.ReadInt64());
        if (!block.IsAtEnd)
            throw new InvalidDataException("a block of clocks is too long");
        Commit();
    }

    /// <inheritdoc/>
    public override void Commit()
    {
        _clocks.CopyTo(_committed, 0);
        Array.Clear(_changed);
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        _committed.CopyTo(_clocks, 0);
        Array.Clear(_changed);
    }

    private static void WriteEntry(int producer, Clock clock, SliceList keys, SliceList values)
    {
        Span<byte> key = stackalloc byte[KeySize];
        BinaryPrimitives.WriteInt32BigEndian(key, producer);
        keys.Append(key);
        Span<byte> value = stackalloc byte[ValueSize];
        value[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(value[1..], clock.StreamTime);
        BinaryPrimitives.WriteInt64BigEndian(value[9..], clock.SourceOffset);
        values.Append(value);
    }

    /// <summary>All clocks as one block.</summary>
    private sealed class ClockScan(ProducerTimes times) : StateScan
    {
        private bool _isDone;

        public override int Write(ByteWriter block, int maxRows)
        {
            if (_isDone)
                return 0;
            _isDone = true;
            foreach (var clock in times._committed)
            {
                block.WriteInt64(clock.StreamTime);
                block.WriteInt64(clock.SourceOffset);
            }

            return times._committed.Length;
        }
    }

    private readonly record struct Clock(long StreamTime, long SourceOffset);
}

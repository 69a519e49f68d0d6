using Microsoft.Extensions.Logging;
using StreamSQL.Data.Batches;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// One input of a task, with how far the task has come in it. A batch that waits for rows of other inputs is held here, and taken piece by
/// piece. Single-threaded, but for what says so.
/// </summary>
internal sealed class TaskLane
{
    private readonly TaskInput _input;
    private ChangeBatch? _held;
    private ChangeBatch? _slice;
    private int[] _rows = [];
    private int _cursor;
    private long _applied;
    private long _lost;

    /// <summary>Creates a lane.</summary>
    /// <param name="input">What is read.</param>
    /// <param name="times">The clocks of its producers, behind a repartition where time matters; else null.</param>
    /// <param name="isInternal">Whether nobody else reads it, so that it is purged.</param>
    public TaskLane(TaskInput input, ProducerTimes? times, bool isInternal)
    {
        _input = input;
        IsInternal = isInternal;
        Times = times;
        Position = input.Position;
        _applied = Position;
    }

    /// <summary>The partition that is read.</summary>
    public TopicPartition Partition => _input.Partition;

    /// <summary>The clocks of its producers, behind a repartition; else null.</summary>
    public ProducerTimes? Times { get; }

    /// <summary>Whether nobody else reads it, so that it is purged.</summary>
    public bool IsInternal { get; }

    /// <summary>The offset after what was processed.</summary>
    public long Position { get; private set; }

    /// <summary>Below this offset everything is read, and what came of it is committed. Any thread.</summary>
    public long Applied
    {
        get => Volatile.Read(ref _applied);
        set => Volatile.Write(ref _applied, value);
    }

    /// <summary>Whether there was nothing more to read when the broker was last asked, and the producers have read all of theirs.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Whether rows are held.</summary>
    public bool HasRows => _held is not null;

    /// <summary>The time of the next held row.</summary>
    public long NextTime => _held!.RowTime.Values[_held.Selection[_cursor]];

    /// <summary>Up to where records are there, for comparing with later.</summary>
    public long ReadyEnd => _held is null ? _input.ReadyEnd : _input.Position;

    /// <summary>Whether there are records; if not, the worker is woken once there are.</summary>
    public bool IsReady() => _held is not null || _input.IsReady();

    /// <summary>Nothing is ready: the position may have moved over what holds no records.</summary>
    public void Settle() => Position = _input.Position;

    /// <summary>The batch that is ready, lent until <see cref="Finish"/>; null when it holds no rows.</summary>
    public ChangeBatch? Take() => _input.Take();

    /// <summary>How far time has come with what was taken; null where rows alone tell it.</summary>
    public ChangeBatch? Clock() => _input.Clock();

    /// <summary>What was taken is processed.</summary>
    public void Finish(ILogger logger)
    {
        Position = _input.Position;
        if (_input.Lost != _lost)
            TaskLog.RecordsLost(logger, Partition, _input.Lost - _lost);
        _lost = _input.Lost;
    }

    /// <summary>The batch is not looked at any more.</summary>
    public void Release() => _input.Release();

    /// <summary>Takes what is ready and holds it; false when it has no rows.</summary>
    public bool TryHold()
    {
        if (_input.Take() is not { Selection.Count: > 0 } batch)
            return false;
        _held = batch;
        _cursor = 0;
        IsAtEnd = false;
        return true;
    }

    /// <summary>
    /// The next held rows up to a time, one at least; they count as processed. After the last of them <see cref="HasRows"/> is false.
    /// </summary>
    /// <param name="limit">The time of the next row of another lane.</param>
    /// <param name="isInclusive">Whether rows of that time come first here.</param>
    public ChangeBatch NextRows(long limit, bool isInclusive)
    {
        var held = _held!;
        var start = _cursor;
        var count = held.Selection.Count;
        while (_cursor < count && (_cursor == start || held.RowTime.Values[held.Selection[_cursor]] is var time
            && (time < limit || (isInclusive && time == limit))))
            _cursor++;
        var slice = Operators.BatchViews.View(held, ref _slice);
        slice.Selection = held.Selection.Slice(start, _cursor - start, ref _rows);
        if (_cursor == count)
            _held = null;
        else
            Position = held.Offsets![held.Selection[_cursor]];
        return slice;
    }

    /// <summary>Asks the broker whether there is more to read.</summary>
    public async ValueTask RefreshEndAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        if (Times is not null)
            await Times.RefreshIdleAsync(broker, cancellation);
        if (HasRows)
            return;
        if (_input.IsAtLimit)
        {
            IsAtEnd = true;
            return;
        }

        var offsets = await broker.GetOffsetsAsync(Partition, cancellation);
        IsAtEnd = _input.Position >= offsets.LastStable && Times is not { AreAllIdle: false };
    }

    /// <summary>The commit is durable.</summary>
    public void Committed() => _input.Committed();

    /// <summary>Reads no more.</summary>
    public void Leave() => _input.Leave();

    /// <summary>Gives everything back. Any thread.</summary>
    public ValueTask DisposeAsync() => _input.DisposeAsync();
}

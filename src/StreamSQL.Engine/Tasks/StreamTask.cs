using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks.Output;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// One stage of a query over one partition: reads, decodes, runs the operators, buffers the outputs. Its commit group decides when that
/// becomes durable. Single-threaded, but for the properties that say so. A task that fails takes its
/// open changes back and stays at its last commit.
/// </summary>
internal sealed class StreamTask : IAsyncDisposable
{
    private const long MinPurgedRecords = 10_000;

    private readonly TaskParts _parts;
    private readonly TaskLane[] _lanes;
    private readonly LaneMerge? _merge;
    private readonly ILogger _logger;
    private readonly Action _wake;
    private readonly long[] _purged;
    private long _streamTime = long.MinValue;
    private volatile Exception? _failure;

    /// <summary>Creates a task that continues where its inputs stand; its states are restored.</summary>
    public StreamTask(TaskParts parts, TimeProvider time, Action wake, ILogger logger)
    {
        _parts = parts;
        _lanes = [.. parts.Lanes];
        _merge = _lanes.Length > 1 && parts.MergesByTime ? new LaneMerge(_lanes, time, wake) : null;
        _purged = new long[_lanes.Length];
        _logger = logger;
        _wake = wake;

        // Offsets are told as applied when all that came of them is out.
        foreach (var lane in _lanes)
            lane.Applied = parts.Tree.HasMore ? lane.Position - 1 : lane.Position;
    }

    /// <summary>What it is called in messages: query, stage, partition.</summary>
    public string Name => _parts.Name;

    /// <summary>Its inputs.</summary>
    public IReadOnlyList<TaskLane> Lanes => _lanes;

    /// <summary>Why it stopped, or null. Any thread.</summary>
    public Exception? Failure => _failure;

    /// <summary>Whether something was read since the last commit.</summary>
    public bool HasOpenWork { get; private set; }

    /// <summary>Bytes of output that wait for the commit.</summary>
    public long BufferedBytes => _parts.Outputs.SizeInBytes;

    /// <summary>
    /// Whether there are records to process, or outputs of earlier ones still to come; if not, the worker is woken once there are.
    /// </summary>
    public bool IsReady()
    {
        if (_failure is not null || MustPause())
            return false;
        try
        {
            if (_parts.Tree.HasMore)
                return true;
            var isReady = false;
            foreach (var lane in _lanes)
                isReady |= IsReady(lane);
            return isReady;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Fail(error);
        }

        return false;
    }

    /// <summary>Grows with the records that are ready.</summary>
    public long ReadyEnd
    {
        get
        {
            long end = 0;
            foreach (var lane in _lanes)
                end += lane.ReadyEnd;
            return end;
        }
    }

    /// <summary>
    /// Waits until everything is known that the ready records are to meet: what their tables hold now, which producers are idle, which
    /// inputs have no more. Touches nothing that other tasks touch.
    /// </summary>
    public async ValueTask WaitForOthersAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        foreach (var table in _parts.Tables)
#if PLANTED_BUGS
            if (!Planted.IsAwake(PlantedBug.JoinStaleTable))
#endif
            await table.WaitUntilCurrentAsync(cancellation);
        foreach (var lane in _lanes)
        {
            if (_merge is not null)
                await lane.RefreshEndAsync(broker, cancellation);
            else if (lane.Times is not null)
                await lane.Times.RefreshIdleAsync(broker, cancellation);
        }
    }

    /// <summary>
    /// Goes on with the outputs of earlier records, or else processes records that are ready. False when they have to wait for those of
    /// another input: then the worker is woken.
    /// </summary>
    public bool Process()
    {
        try
        {
            if (_parts.Tree.HasMore)
            {
                HasOpenWork = true;
                _parts.Tree.GoOn();
                return true;
            }

            return _merge is null ? ProcessAsTheyCome() : ProcessInOrder(_merge);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Fail(error);
            return true;
        }
        finally
        {
            foreach (var lane in _lanes)
                lane.Release();
        }
    }

    /// <summary>
    /// Completes the outputs of the open commit: held-back changes, clock, changelog. False when the task failed and is to be left out.
    /// </summary>
    public bool PrepareCommit()
    {
        try
        {
            _parts.Tree.Signal(OperatorSignal.Commit);

            if (!_parts.Tree.HasMore)
                AnnounceTime();
            foreach (var state in _parts.States)
                state.Write(Math.Max(_streamTime, 0));
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Fail(error);
            return false;
        }
    }

    /// <summary>Adds outputs and position to a transaction.</summary>
    public void AddTo(List<PartitionBatch> batches, List<KeyValuePair<TopicPartition, long>> offsets)
    {
        _parts.Outputs.AddTo(batches);
        foreach (var lane in _lanes)
            offsets.Add(KeyValuePair.Create(lane.Partition, lane.Position));
    }

    /// <summary>Removes what was read and committed from repartition topics: nobody else reads them.</summary>
    public async ValueTask PurgeAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        for (var i = 0; i < _lanes.Length; i++)
        {
            var lane = _lanes[i];
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.PurgeUnread) && lane.IsInternal)
            {
                var offsets = await broker.GetOffsetsAsync(lane.Partition, cancellation);
                await broker.DeleteRecordsAsync(lane.Partition, offsets.LastStable, cancellation);
            }
#endif
            if (!lane.IsInternal || lane.Applied - _purged[i] < MinPurgedRecords)
                continue;
            await broker.DeleteRecordsAsync(lane.Partition, lane.Applied, cancellation);
            _purged[i] = lane.Applied;
        }
    }

    /// <summary>The transaction is durable.</summary>
    public void Committed()
    {
        foreach (var state in _parts.States)
            state.Commit();
        foreach (var sink in _parts.Sinks)
            sink.Committed();
        _parts.Outputs.Clear();
        HasOpenWork = false;
        foreach (var lane in _lanes)
        {
            lane.Committed();
            if (!_parts.Tree.HasMore)
                lane.Applied = lane.Position;
        }
    }

    /// <summary>Stops the task at its last commit.</summary>
    public void Fail(Exception error)
    {
        TaskLog.TaskFailed(_logger, Name, error);
        _failure = error;
        foreach (var state in _parts.States)
            state.Abort();
        _parts.Outputs.Clear();
        HasOpenWork = false;
    }

    /// <summary>Reads no more. Called by the worker.</summary>
    public void Leave()
    {
        foreach (var lane in _lanes)
            lane.Leave();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
            await lane.DisposeAsync();
        _merge?.Dispose();
        _parts.Outputs.Dispose();
    }

    private bool MustPause()
    {
        foreach (var sink in _parts.Sinks)
        {
            if (sink.MustPause(_wake))
                return true;
        }

        return false;
    }

    private bool IsReady(TaskLane lane)
    {
        if (lane.IsReady())
            return true;
        lane.Settle();
        if (!HasOpenWork)
            lane.Applied = lane.Position;
        return false;
    }

    private bool ProcessAsTheyCome()
    {
        HasOpenWork = true;
        for (var i = 0; i < _lanes.Length && !_parts.Tree.HasMore; i++)
        {
            var lane = _lanes[i];
            if (_lanes.Length > 1 && !lane.IsReady())
                continue;
            if (lane.Take() is { } batch)
                Process(batch, i);
            Finish(lane, i);
        }

        return true;
    }

    private bool ProcessInOrder(LaneMerge merge)
    {
        var hasRead = false;
        for (var i = 0; i < _lanes.Length; i++)
        {
            if (_lanes[i].HasRows || !_lanes[i].IsReady())
                continue;
            HasOpenWork = hasRead = true;
            if (!_lanes[i].TryHold())
                Finish(_lanes[i], i);
        }

        while (!_parts.Tree.HasMore && merge.Next() is var next and >= 0)
        {
            HasOpenWork = hasRead = true;
            Process(merge.Take(next), next);
            if (_lanes[next].HasRows)
                continue;
            Finish(_lanes[next], next);
            break;
        }

        return hasRead;
    }

    private void Finish(TaskLane lane, int index)
    {
        if (lane.Clock() is { } clock)
            Process(clock, index);
        lane.Finish(_logger);
    }

    /// <summary>Nobody is to take this task's time for further than its outputs are.</summary>
    private void AnnounceTime()
    {
        long offsets = 0;
        foreach (var lane in _lanes)
            offsets += lane.Position;
        var time = _parts.Tree.HeldTime(_streamTime);
        foreach (var sink in _parts.Sinks)
            sink.PrepareCommit(time, offsets);
    }

    private void Process(ChangeBatch batch, int lane)
    {
        if (batch.StreamTimeFloor is { } floor)
        {
            _streamTime = Math.Max(_streamTime, floor);
        }
        else if (batch.Selection.IsDense)
        {
            _streamTime = Math.Max(_streamTime, Latest(batch.RowTime.Values.AsSpan(0, batch.Selection.Count)));
        }
        else
        {
            foreach (var row in batch.Selection.Rows)
                _streamTime = Math.Max(_streamTime, batch.RowTime.Values[row]);
        }

        if (batch.Selection.Count > 0 || batch.StreamTime is not null)
            _parts.Tree.Push(batch, lane);
    }

    private static long Latest(ReadOnlySpan<long> times)
    {
        var latest = long.MinValue;
        var vectors = MemoryMarshal.Cast<long, Vector<long>>(times);
        var max = new Vector<long>(latest);
        foreach (var vector in vectors)
            max = Vector.Max(max, vector);
        for (var i = 0; i < Vector<long>.Count; i++)
            latest = Math.Max(latest, max[i]);
        foreach (var time in times[(vectors.Length * Vector<long>.Count)..])
            latest = Math.Max(latest, time);
        return latest;
    }
}

/// <summary>What a task is made of.</summary>
/// <param name="Name">Query, stage, partition.</param>
/// <param name="Lanes">What it reads.</param>
/// <param name="MergesByTime">Whether rows of several lanes are taken in the order of their times.</param>
/// <param name="Tree">Its operators.</param>
/// <param name="Sinks">Where they write.</param>
/// <param name="Outputs">The buffers behind the sinks and the changelogs.</param>
/// <param name="States">Its states, the clocks of producers included.</param>
/// <param name="Tables">The tables that it joins with.</param>
internal sealed record TaskParts(
    string Name, IReadOnlyList<TaskLane> Lanes, bool MergesByTime, OperatorTree Tree, IReadOnlyList<TaskSink> Sinks, OutputBuffers Outputs,
    IReadOnlyList<StateChangelog> States, IReadOnlyList<TableReplica> Tables);

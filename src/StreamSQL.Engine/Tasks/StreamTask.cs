using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Engine.Tasks.Output;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// One stage of a query over one partition: reads, decodes, runs the operators, buffers the outputs. Its commit group decides when that becomes
/// durable. Single-threaded, but for the properties that say so. A task that fails takes its open changes back and stays at its last commit.
/// </summary>
internal sealed class StreamTask : IAsyncDisposable
{
    private const long MinPurgedRecords = 10_000;

    private readonly TaskInput _input;
    private readonly TaskParts _parts;
    private readonly ILogger _logger;
    private readonly Action _wake;
    private long _applied;
    private long _purged;
    private long _position;
    private long _streamTime = long.MinValue;
    private long _lost;
    private volatile Exception? _failure;

    /// <summary>Creates a task that continues at an offset; its states are restored.</summary>
    public StreamTask(TaskParts parts, Action wake, ILogger logger)
    {
        _parts = parts;
        _input = parts.Input;
        _logger = logger;
        _wake = wake;
        _position = parts.Input.Position;

        // Offsets are told as applied when all that came of them is out.
        _applied = parts.Chain.HasMore ? _position - 1 : _position;
    }

    /// <summary>What it is called in messages: query, stage, partition.</summary>
    public string Name => _parts.Name;

    /// <summary>The partition that it reads.</summary>
    public TopicPartition Source => _input.Partition;

    /// <summary>Why it stopped, or null. Any thread.</summary>
    public Exception? Failure => _failure;

    /// <summary>Below this offset everything is read, and what came of it is committed. Any thread.</summary>
    public long AppliedOffset => Volatile.Read(ref _applied);

    /// <summary>Whether something was read since the last commit.</summary>
    public bool HasOpenWork { get; private set; }

    /// <summary>Bytes of output that wait for the commit.</summary>
    public long BufferedBytes => _parts.Outputs.SizeInBytes;

    /// <summary>Whether there are records to process, or outputs of earlier ones still to come; if not, the worker is woken once there are.</summary>
    public bool IsReady()
    {
        if (_failure is not null || _parts.Sink.MustPause(_wake))
            return false;
        try
        {
            if (_parts.Chain.HasMore || _input.IsReady())
                return true;
            _position = _input.Position;
            if (!HasOpenWork)
                Volatile.Write(ref _applied, _position);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Fail(error);
        }

        return false;
    }

    /// <summary>The offset after the records that are ready.</summary>
    public long ReadyEnd => _input.ReadyEnd;

    /// <summary>
    /// Waits until everything is known that the ready records are to meet: what their tables hold now, which producers are idle. Touches nothing that
    /// other tasks touch.
    /// </summary>
    public async ValueTask WaitForOthersAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        foreach (var table in _parts.Tables)
            await table.WaitUntilCurrentAsync(cancellation);
        if (_parts.Times is not null)
            await _parts.Times.RefreshIdleAsync(broker, cancellation);
    }

    /// <summary>Goes on with the outputs of earlier records, or else processes the records that are ready.</summary>
    public void Process()
    {
        try
        {
            HasOpenWork = true;
            if (_parts.Chain.HasMore)
            {
                _parts.Chain.GoOn();
                return;
            }

            if (_input.Take() is { } batch)
                Process(batch);
            if (_input.Clock() is { } clock)
                Process(clock);
            _position = _input.Position;
            ReportLost();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Fail(error);
        }
        finally
        {
            _input.Release();
        }
    }

    /// <summary>Completes the outputs of the open commit: held-back changes, clock, changelog. False when the task failed and is to be left out.</summary>
    public bool PrepareCommit()
    {
        try
        {
            _parts.Chain.Signal(OperatorSignal.Commit);

            // Nobody is to take this task's time for further than its outputs are.
            if (!_parts.Chain.HasMore)
                _parts.Sink.PrepareCommit(_streamTime, _position);
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
        offsets.Add(KeyValuePair.Create(Source, _position));
    }

    /// <summary>Removes what was read and committed from a repartition topic: nobody else reads it.</summary>
    public async ValueTask PurgeAsync(IBrokerClient broker, CancellationToken cancellation)
    {
        if (_parts.Times is null || _applied - _purged < MinPurgedRecords)
            return;
        await broker.DeleteRecordsAsync(Source, _applied, cancellation);
        _purged = _applied;
    }

    /// <summary>The transaction is durable.</summary>
    public void Committed()
    {
        foreach (var state in _parts.States)
            state.Commit();
        _parts.Sink.Committed();
        _input.Committed();
        _parts.Outputs.Clear();
        HasOpenWork = false;
        if (!_parts.Chain.HasMore)
            Volatile.Write(ref _applied, _position);
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
    public void Leave() => _input.Leave();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _input.DisposeAsync();
        _parts.Outputs.Dispose();
    }

    private void Process(ChangeBatch batch)
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
            _parts.Chain.Push(batch);
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

    private void ReportLost()
    {
        if (_input.Lost == _lost)
            return;
        TaskLog.RecordsLost(_logger, Source, _input.Lost - _lost);
        _lost = _input.Lost;
    }
}

/// <summary>What a task is made of.</summary>
/// <param name="Name">Query, stage, partition.</param>
/// <param name="Input">What it reads.</param>
/// <param name="Chain">Its operators.</param>
/// <param name="Sink">Where they write.</param>
/// <param name="Outputs">The buffers behind the sink and the changelogs.</param>
/// <param name="States">Its states.</param>
/// <param name="Times">The clocks of its producers, behind a repartition; one of the states.</param>
/// <param name="Tables">The tables that it joins with.</param>
internal sealed record TaskParts(
    string Name, TaskInput Input, OperatorChain Chain, TaskSink Sink, OutputBuffers Outputs,
    IReadOnlyList<StateChangelog> States, ProducerTimes? Times, IReadOnlyList<TableReplica> Tables);

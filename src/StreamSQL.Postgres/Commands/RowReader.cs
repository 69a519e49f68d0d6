using StreamSQL.Data.Batches;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.Postgres.Commands;

/// <summary>
/// Reads a statement's rows one by one across batches, so that a portal or cursor can stop anywhere and go on later. Knows what is ready
/// without waiting, and keeps a read that is under way when its reader stops waiting for it. Not thread-safe, except <see cref="Cancel"/>.
/// </summary>
internal sealed class RowReader(StatementResult result) : IAsyncDisposable
{
    private readonly CancellationTokenSource? _lifetime = result.IsShort ? null : new();
    private Task<ChangeBatch?>? _pending;
    private ChangeBatch? _batch;
    private int _next;

    /// <summary>Where the rows come from.</summary>
    public StatementResult Result { get; } = result;

    /// <summary>Whether there are no more rows.</summary>
    public bool Ended { get; private set; }

    /// <summary>Rows that can be taken now.</summary>
    public int Available => _batch is null ? 0 : _batch.Selection.Count - _next;

    /// <summary>Rows that have been taken or left out.</summary>
    public long Passed { get; private set; }

    /// <summary>The batch that <see cref="TakeRow"/> counts in.</summary>
    public ChangeBatch Batch => _batch!;

    /// <summary>The next row's number in <see cref="Batch"/>.</summary>
    public int TakeRow()
    {
        Passed++;
        return _batch!.Selection[_next++];
    }

    /// <summary>Leaves rows of the batch out.</summary>
    public void Skip(int rows)
    {
        Passed += rows;
        _next += rows;
    }

    /// <summary>Reads until rows are there or the end is; false when it would have to wait.</summary>
    /// <exception cref="Data.Errors.SqlException">The statement failed.</exception>
    public bool TryAdvance()
    {
        while (Available == 0 && !Ended)
        {
            if (_pending is null)
            {
                // The source may fill the same batch again, before its read has ended: until then there is none.
                _batch = null;
                var read = Result.ReadAsync(_lifetime?.Token ?? CancellationToken.None);
                if (read.IsCompletedSuccessfully)
                {
                    Accept(read.Result);
                    continue;
                }

                _pending = read.AsTask();
            }

            if (!_pending.IsCompleted)
                return false;
            var done = _pending;
            _pending = null;
            Accept(done.GetAwaiter().GetResult());
        }

        return true;
    }

    /// <summary>Waits until <see cref="TryAdvance"/> can go on.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the read goes on.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        if (_pending is { } pending)
            await Task.WhenAny(pending).WaitAsync(cancellation);
    }

    /// <summary>As <see cref="WaitAsync(CancellationToken)"/>, but not longer than given; false when the time is over.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        if (_pending is not { } pending)
            return true;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = await Task.WhenAny(pending, Task.Delay(limit, time, over.Token));
        await over.CancelAsync(); // a timer that nobody waits for would stay for all its time
        cancellation.ThrowIfCancellationRequested();
        return first == pending;
    }

    /// <summary>Ends the statement, also while it is being read.</summary>
    public void Cancel() => _lifetime?.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_lifetime is not null)
            await _lifetime.CancelAsync();
        if (_pending is not null)
            await ((Task)_pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Result.DisposeAsync();
        _lifetime?.Dispose();
    }

    private void Accept(ChangeBatch? batch)
    {
        _batch = batch;
        _next = 0;
        Ended = batch is null;
    }
}

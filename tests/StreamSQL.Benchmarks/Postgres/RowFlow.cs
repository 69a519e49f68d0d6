using System.Diagnostics;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>Writes rows into a table at a rate, by a COPY every 10 ms, from a thread of its own.</summary>
internal sealed class RowFlow : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _written;

    /// <summary>Starts it.</summary>
    /// <param name="peer">The server.</param>
    /// <param name="table">The table, of the columns of <c>points</c>.</param>
    /// <param name="keys">The keys are below or equal.</param>
    /// <param name="rowsPerSecond">The rate.</param>
    public RowFlow(Peer peer, string table, int keys, int rowsPerSecond)
    {
        var perCopy = (int)(rowsPerSecond * Pause.TotalSeconds);
        _thread = new Thread(() => Write(peer, table, keys, perCopy)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Stops it; returns the rows a second that it came to.</summary>
    public double Stop()
    {
        _stop.Cancel();
        _thread.Join();
        return _written / Stopwatch.GetElapsedTime(_start).TotalSeconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private void Write(Peer peer, string table, int keys, int perCopy)
    {
        using var client = new RawPostgres(peer.Port, peer.User);
        for (var copy = 0L; !_stop.IsCancellationRequested; copy++)
        {
            client.CopyIn(table, new Peers.Rows(1 + (copy * perCopy % Math.Max(1, keys - perCopy)), perCopy).Write);
            _written += perCopy;
            var due = _start + (long)((copy + 1) * Pause.TotalSeconds * Stopwatch.Frequency);
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } wait)
                _stop.Token.WaitHandle.WaitOne(wait);
        }
    }
}

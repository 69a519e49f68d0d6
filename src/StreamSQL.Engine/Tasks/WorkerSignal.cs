using System.Threading.Channels;

namespace StreamSQL.Engine.Tasks;

/// <summary>Wakes one waiting worker; a signal that comes while it works is kept, once. Thread-safe.</summary>
internal sealed class WorkerSignal
{
    private readonly Channel<bool> _signals =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Creates a signal; <see cref="Set"/> is kept as a delegate for callbacks.</summary>
    public WorkerSignal() => Callback = Set;

    /// <summary><see cref="Set"/>.</summary>
    public Action Callback { get; }

    /// <summary>Wakes the worker.</summary>
    public void Set() => _signals.Writer.TryWrite(true);

    /// <summary>Waits for the next signal.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _signals.Reader.ReadAsync(cancellation);
}

using System.Net;

namespace StreamSQL.Broker.Network;

/// <summary>
/// The open connections of all listeners: bounds their number, in all and per address, and closes those whose clients have gone silent. One
/// timer watches all of them, and only while there are any.
/// </summary>
internal sealed class ConnectionRegister(KafkaListenerOptions options, TimeProvider time)
{
    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<KafkaConnection> _open = [];
    private readonly Dictionary<IPAddress, int> _ofAddress = [];
    private ITimer? _watch;

    /// <summary>How many connections are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    /// <summary>Takes a connection in. False when it is one too many: it is to be closed then.</summary>
    public bool TryAdd(KafkaConnection connection, IPAddress address)
    {
        lock (_gate)
        {
            int ofAddress = _ofAddress.GetValueOrDefault(address);
            if (_open.Count >= options.MaxConnections || ofAddress >= options.MaxConnectionsPerIp)
                return false;
            _open.Add(connection);
            _ofAddress[address] = ofAddress + 1;
            _watch ??= time.CreateTimer(static register => ((ConnectionRegister)register!).CloseIdle(), this, Interval, Interval);
            return true;
        }
    }

    /// <summary>Gives up the place of a connection that was taken in.</summary>
    public void Remove(KafkaConnection connection, IPAddress address)
    {
        lock (_gate)
        {
            _open.Remove(connection);
            if (--_ofAddress[address] == 0)
                _ofAddress.Remove(address);
            if (_open.Count > 0)
                return;
            _watch?.Dispose();
            _watch = null;
        }
    }

    // Often enough that no timeout is missed by more than a tenth.
    private TimeSpan Interval
    {
        get
        {
            TimeSpan shortest = TimeSpan.FromTicks(Math.Min(options.FirstRequestTimeout.Ticks, options.IdleTimeout.Ticks));
            return TimeSpan.FromTicks(Math.Clamp(shortest.Ticks / 10, TimeSpan.TicksPerMillisecond, MaxInterval.Ticks));
        }
    }

    private void CloseIdle()
    {
        KafkaConnection[] open;
        lock (_gate)
            open = [.. _open];
        foreach (KafkaConnection connection in open)
            connection.CloseIfIdle(); // outside the gate: one that ends at once takes itself out
    }
}

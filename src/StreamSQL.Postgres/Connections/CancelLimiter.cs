using System.Net;
using System.Net.Sockets;

namespace StreamSQL.Postgres.Connections;

/// <summary>
/// Slows down who guesses the keys of cancel requests: an address that has sent too many wrong ones is not listened to for a while. Right
/// ones cost nothing. Thread-safe.
/// </summary>
internal sealed class CancelLimiter(TimeProvider time)
{
    /// <summary>Wrong keys that an address may send at once.</summary>
    public const int Burst = 20;

    /// <summary>How long it takes until one more is looked at.</summary>
    public static readonly TimeSpan Refill = TimeSpan.FromSeconds(1);

    private const int MaxAddresses = 10_000;
    private const int Ipv6NetworkBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, TimeSpan> _clearAt = []; // when all its wrong keys are forgotten
    private readonly long _openedAt = time.GetTimestamp();

    /// <summary>Whether a request from an address is looked at.</summary>
    public bool IsOpen(IPAddress? address)
    {
        if (address is null)
            return true;
        lock (_gate)
            return !_clearAt.TryGetValue(NetworkOf(address), out var clearAt) || clearAt - Now < Burst * Refill;
    }

    /// <summary>A clock that nobody sets.</summary>
    private TimeSpan Now => time.GetElapsedTime(_openedAt);

    /// <summary>Notes that a request from an address had a wrong key.</summary>
    public void Wrong(IPAddress? address)
    {
        if (address is null)
            return;
        var now = Now;
        lock (_gate)
        {
            var network = NetworkOf(address);
            var before = _clearAt.GetValueOrDefault(network, now);
            if (_clearAt.Count >= MaxAddresses && !_clearAt.ContainsKey(network))
                Sweep(now);
            _clearAt[network] = (before > now ? before : now) + Refill;
        }
    }

    /// <summary>Forgets addresses whose time is over; all of them when that does not make room.</summary>
    private void Sweep(TimeSpan now)
    {
        foreach (var (network, clearAt) in _clearAt)
        {
            if (clearAt <= now)
                _clearAt.Remove(network);
        }

        if (_clearAt.Count >= MaxAddresses)
            _clearAt.Clear();
    }

    /// <summary>One machine has a whole network of IPv6 addresses.</summary>
    private static IPAddress NetworkOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Ipv6NetworkBytes).Clear();
        return new(bytes);
    }
}

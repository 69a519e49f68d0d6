using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.ClusterTests.Soak;

/// <summary>How long answers took, in milliseconds. Not thread-safe.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    /// <summary>Takes the time from a timestamp of <see cref="Stopwatch"/> until now.</summary>
    public void Add(long since) => _milliseconds.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);

    /// <summary>The milliseconds within which that share of the answers came.</summary>
    public double Percentile(double share)
    {
        var sorted = _milliseconds.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_milliseconds.Count:N0} p50 {Percentile(0.5):F2} ms, p99 {Percentile(0.99):F2} ms, p99.9 {Percentile(0.999):F2} ms");
}

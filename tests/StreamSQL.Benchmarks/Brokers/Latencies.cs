using System.Diagnostics;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>Latencies in the order they were taken, in milliseconds.</summary>
/// <param name="count">How many will be taken.</param>
internal sealed class Latencies(int count)
{
    private readonly double[] _values = new double[count];
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _taken;
    private (double Latency, TimeSpan At) _worst;

    public int Count => _values.Length;

    /// <summary>Takes the time from a timestamp of <see cref="Stopwatch"/> until now.</summary>
    public void Add(long since)
    {
        var latency = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        _values[_taken++] = latency;
        if (latency > _worst.Latency)
            _worst = (latency, Stopwatch.GetElapsedTime(_start));
    }

    /// <summary>The percentiles, and the worst with the second it was seen in: one stall looks otherwise than many.</summary>
    public override string ToString()
    {
        double[] sorted = [.. _values.Order()];
        double At(double part) => sorted[(int)(part * (sorted.Length - 1))];
        return FormattableString.Invariant(
            $"p50 {At(0.5):F3}, p99 {At(0.99):F3}, p99.9 {At(0.999):F3}, worst {_worst.Latency:F1} ms at {_worst.At.TotalSeconds:F1} s");
    }
}

using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.Benchmarks;

/// <summary>The median of five runs after one warm-up, on this thread.</summary>
internal sealed record Measurement(string Name, double RecordsPerSecond, double BytesPerSecond, double AllocatedPerRecord)
{
    private const int Runs = 5;

    /// <summary>Runs a piece of work that handles so many records and bytes each time.</summary>
    public static Measurement Take(string name, long records, long bytes, Action work)
    {
        work();
        var seconds = new double[Runs];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < Runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(seconds);
        var median = seconds[Runs / 2];
        return new Measurement(name, records / median, bytes / median, (double)allocated / (Runs * records));
    }

    /// <summary>One line of a table; the ratio is to the first of the measurements.</summary>
    public static void Print(string title, IReadOnlyList<Measurement> measurements)
    {
        Console.WriteLine(title);
        foreach (var m in measurements)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {m.Name,-34}{m.RecordsPerSecond / 1e6,8:F2} M rec/s {m.BytesPerSecond / 1e6,8:F0} MB/s {m.AllocatedPerRecord,8:F3} B/rec"
                + $" {m.RecordsPerSecond / measurements[0].RecordsPerSecond,7:F2} x"));
        }
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>
/// What the machine needs to read the columns of a filter with a grouping, 12 bytes a row, once from memory, by all processors.
/// </summary>
internal static class ScanLimit
{
    private const int Runs = 5;

    /// <summary>Seconds for so many rows, the median of five runs.</summary>
    public static double Seconds(int rows)
    {
        var amounts = new long[rows];
        var kinds = new int[rows];
        for (var row = 0; row < rows; row++)
            (amounts[row], kinds[row]) = (row * 7919L % 100_003, row % 100);
        var seconds = new double[Runs];
        var sums = new long[Environment.ProcessorCount];
        for (var run = 0; run < Runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            Parallel.For(0, sums.Length, part =>
            {
                var (from, to) = ((int)((long)rows * part / sums.Length), (int)((long)rows * (part + 1) / sums.Length));
                sums[part] += Sum(MemoryMarshal.Cast<long, long>(amounts.AsSpan(from..to)))
                    + Sum(MemoryMarshal.Cast<int, long>(kinds.AsSpan(from..to)));
            });
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        GC.KeepAlive(sums);
        return seconds.Order().ElementAt(Runs / 2);
    }

    private static long Sum(ReadOnlySpan<long> words)
    {
        var (even, odd) = (Vector512<long>.Zero, Vector512<long>.Zero);
        var vectors = MemoryMarshal.Cast<long, Vector512<long>>(words);
        for (var i = 0; i + 1 < vectors.Length; i += 2)
        {
            even += vectors[i];
            odd += vectors[i + 1];
        }

        return Vector512.Sum(even + odd);
    }
}

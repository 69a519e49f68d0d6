using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>The window functions that only count rows and peers.</summary>
internal static class RankFunctions
{
    /// <summary>Computes a function for all rows.</summary>
    public static void Compute(WindowFunctionKind kind, WindowPartitions partitions, Column? argument, Column result)
    {
        for (var p = 0; p < partitions.Count; p++)
        {
            var (from, to) = (partitions.Starts[p], partitions.Starts[p + 1]);
            switch (kind)
            {
                case WindowFunctionKind.RowNumber:
                    RowNumber(from, to, Longs(result));
                    break;
                case WindowFunctionKind.Rank:
                    Rank(partitions.PeerStart, from, to, Longs(result));
                    break;
                case WindowFunctionKind.DenseRank:
                    DenseRank(partitions.Group, from, to, Longs(result));
                    break;
                case WindowFunctionKind.PercentRank:
                    PercentRank(partitions.PeerStart, from, to, Doubles(result));
                    break;
                case WindowFunctionKind.CumulativeDistribution:
                    CumulativeDistribution(partitions.PeerEnd, from, to, Doubles(result));
                    break;
                default:
                    Ntile(argument!, from, to, (FixedColumn<int>)result);
                    break;
            }
        }
    }

    private static long[] Longs(Column column) => ((FixedColumn<long>)column).Values;

    private static double[] Doubles(Column column) => ((FixedColumn<double>)column).Values;

    private static void RowNumber(int from, int to, long[] result)
    {
        for (var row = from; row < to; row++)
            result[row] = row - from + 1;
    }

    private static void Rank(ReadOnlySpan<int> peerStart, int from, int to, long[] result)
    {
        for (var row = from; row < to; row++)
            result[row] = peerStart[row] - from + 1;
    }

    private static void DenseRank(ReadOnlySpan<int> group, int from, int to, long[] result)
    {
        for (var row = from; row < to; row++)
            result[row] = group[row] - group[from] + 1;
    }

    private static void PercentRank(ReadOnlySpan<int> peerStart, int from, int to, double[] result)
    {
        for (var row = from; row < to; row++)
            result[row] = to - from == 1 ? 0 : (double)(peerStart[row] - from) / (to - from - 1);
    }

    private static void CumulativeDistribution(ReadOnlySpan<int> peerEnd, int from, int to, double[] result)
    {
        for (var row = from; row < to; row++)
            result[row] = (double)(peerEnd[row] - from) / (to - from);
    }

    // The first buckets are one row larger where the rows do not divide evenly. The argument counts where the partition begins.
    private static void Ntile(Column argument, int from, int to, FixedColumn<int> result)
    {
        if (argument.IsNull(from))
        {
            for (var row = from; row < to; row++)
                result.SetNull(row);
            return;
        }

        var buckets = ((FixedColumn<int>)argument)[from];
        if (buckets <= 0)
            throw new SqlException(PostgresErrorCodes.InvalidArgumentForNtileFunction, "argument of ntile must be greater than zero");
        var (size, larger) = Math.DivRem(to - from, buckets);
        for (var row = from; row < to; row++)
        {
            var at = row - from;
            var inLarger = larger * (size + 1);
            result.Values[row] = 1 + (at < inLarger ? at / (size + 1) : larger + ((at - inLarger) / size));
        }
    }
}

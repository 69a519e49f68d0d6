using System.Numerics;

namespace StreamSQL.Data.Formats.JsonSchema;

/// <summary>
/// The order of names in Java's HashMap, which is that of columns which ksqlDB makes of a JSON Schema without <c>connect.index</c>: by the
/// bits of the hash that choose the bucket, in one bucket as they came.
/// </summary>
internal static class JavaOrder
{
    private const int LeastBuckets = 16;

    /// <summary>The items in that order of their names.</summary>
    public static IEnumerable<T> Of<T>(IReadOnlyCollection<T> items, Func<T, string> name)
    {
        // A map has at least a third more buckets than entries, in a power of two.
        var buckets = Math.Max(LeastBuckets, (int)BitOperations.RoundUpToPowerOf2((uint)((items.Count * 4 + 2) / 3)));
        return items.OrderBy(item => Spread(name(item)) & (buckets - 1));
    }

    private static int Spread(string text)
    {
        var hash = 0;
        foreach (var unit in text)
            hash = unchecked((31 * hash) + unit);
        return hash ^ (int)((uint)hash >> 16);
    }
}

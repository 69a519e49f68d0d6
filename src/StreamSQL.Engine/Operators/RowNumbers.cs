using System.Numerics;
using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Operators;

/// <summary>Ascending row numbers, for operations that take lists where a selection may be dense.</summary>
internal static class RowNumbers
{
    private static int[] Shared = Create(ChangeBatch.MaxRows);

    /// <summary>The rows of a selection as a list.</summary>
    public static ReadOnlySpan<int> Of(RowSelection rows) => rows.IsDense ? Ascending(rows.Count) : rows.Rows;

    /// <summary>0, 1, ..., count - 1.</summary>
    public static ReadOnlySpan<int> Ascending(int count)
    {
        var numbers = Volatile.Read(ref Shared);
        if (numbers.Length < count)
        {
            numbers = Create((int)BitOperations.RoundUpToPowerOf2((uint)count));
            Volatile.Write(ref Shared, numbers);
        }

        return numbers.AsSpan(0, count);
    }

    private static int[] Create(int count)
    {
        var numbers = new int[count];
        for (var i = 0; i < count; i++)
            numbers[i] = i;
        return numbers;
    }
}

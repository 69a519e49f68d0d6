using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>A test of two values.</summary>
internal interface ITest<T>
    where T : unmanaged
{
    /// <summary>Whether the pair passes.</summary>
    static abstract bool Passes(T left, T right);

    /// <summary>Whether vectors can be tested.</summary>
    static virtual bool HasVectors => false;

    /// <summary>All bits of the places whose pairs pass.</summary>
    static virtual Vector512<T> Passes(Vector512<T> left, Vector512<T> right) => throw new NotSupportedException();
}

/// <summary>Compares fixed-size values into a BOOLEAN column; null in, null out.</summary>
internal sealed class CompareKernel<T, TTest> : ScalarKernel
    where T : unmanaged
    where TTest : struct, ITest<T>
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var left = (FixedColumn<T>)arguments[0];
        var right = (FixedColumn<T>)arguments[1];
        result.AddNulls(left, context.RowCount);
        result.AddNulls(right, context.RowCount);
        var target = ((FixedColumn<byte>)result).Values;
        var count = context.Rows.Count;
        if (!context.Rows.IsDense)
            Selected(left, right, target, context.Rows.Rows);
        else if (left.IsConstant || right.IsConstant)
            DenseConstant(left, right, target.AsSpan(0, count));
        else
            Dense(left.Values.AsSpan(0, count), right.Values.AsSpan(0, count), target.AsSpan(0, count));
    }

    private static void Dense(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<byte> target)
    {
        for (var i = 0; i < target.Length && i < left.Length && i < right.Length; i++)
            target[i] = (byte)(TTest.Passes(left[i], right[i]) ? 1 : 0);
    }

    /// <summary>Tests as many values as whole vectors hold; returns how many.</summary>
    private static int TestVectors(ReadOnlySpan<T> left, T right, Span<byte> target)
    {
        if (!TTest.HasVectors || !Vector256.IsHardwareAccelerated || !Bmi2.X64.IsSupported)
            return 0;
        const ulong EachByte = 0x0101010101010101;
        var rights = Vector512.Create(right);
        ref var first = ref MemoryMarshal.GetReference(left);
        var i = 0;
        for (; i <= target.Length - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            var bits = TTest.Passes(Vector512.LoadUnsafe(ref first, (nuint)i), rights).ExtractMostSignificantBits();
            for (var at = i; at < i + Vector512<T>.Count; at += 8, bits >>= 8)
                Unsafe.WriteUnaligned(ref target[at], Bmi2.X64.ParallelBitDeposit(bits, EachByte));
        }

        return i;
    }

    private static void DenseConstant(FixedColumn<T> left, FixedColumn<T> right, Span<byte> target)
    {
        if (left.IsConstant && right.IsConstant)
        {
            target.Fill((byte)(TTest.Passes(left.Values[0], right.Values[0]) ? 1 : 0));
        }
        else if (right.IsConstant)
        {
            var constant = right.Values[0];
            var values = left.Values.AsSpan(0, target.Length);
            for (var i = TestVectors(values, constant, target); i < target.Length && i < values.Length; i++)
                target[i] = (byte)(TTest.Passes(values[i], constant) ? 1 : 0);
        }
        else
        {
            var constant = left.Values[0];
            var values = right.Values.AsSpan(0, target.Length);
            for (var i = 0; i < target.Length && i < values.Length; i++)
                target[i] = (byte)(TTest.Passes(constant, values[i]) ? 1 : 0);
        }
    }

    private static void Selected(FixedColumn<T> left, FixedColumn<T> right, byte[] target, ReadOnlySpan<int> rows)
    {
        var lefts = new ValueReader<T>(left);
        var rights = new ValueReader<T>(right);
        foreach (var row in rows)
            target[row] = (byte)(TTest.Passes(lefts[row], rights[row]) ? 1 : 0);
    }
}

/// <summary>A test of the sign of a comparison: negative, zero or positive.</summary>
internal interface IOrderTest
{
    /// <summary>Whether the order passes.</summary>
    static abstract bool Passes(int order);
}

/// <summary>Compares text or bytes, byte by byte (for UTF-8 that is the order of code points); null in, null out.</summary>
internal sealed class CompareBytesKernel<TTest> : StrictKernel
    where TTest : struct, IOrderTest
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var left = (BytesColumn)arguments[0];
        var right = (BytesColumn)arguments[1];
        var target = ((FixedColumn<byte>)result).Values;
        if (right.IsConstant)
        {
            var constant = right[0];
            foreach (var row in context.Rows)
                target[row] = (byte)(TTest.Passes(left[row].SequenceCompareTo(constant)) ? 1 : 0);
            return;
        }

        foreach (var row in context.Rows)
            target[row] = (byte)(TTest.Passes(left[row].SequenceCompareTo(right[row])) ? 1 : 0);
    }
}

/// <summary>Whether text, bytes or nested values are equal (or, negated, differ); null in, null out.</summary>
internal sealed class EqualKernel(bool negate) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var target = ((FixedColumn<byte>)result).Values;
        var no = (byte)(negate ? 1 : 0);
        var yes = (byte)(1 - no);
        if (arguments[0] is BytesColumn left && arguments[1] is BytesColumn right)
        {
            if (right.IsConstant)
            {
                var constant = right[0];
                foreach (var row in context.Rows)
                    target[row] = left[row].SequenceEqual(constant) ? yes : no;
                return;
            }

            foreach (var row in context.Rows)
                target[row] = left[row].SequenceEqual(right[row]) ? yes : no;
            return;
        }

        foreach (var row in context.Rows)
            target[row] = ColumnValue.AreEqual(arguments[0], row, arguments[1], row) ? yes : no;
    }
}

/// <summary>ksqlDB's rule for comparisons: where the inner kernel says null, false.</summary>
internal sealed class NullIsFalseKernel(ScalarKernel inner) : ScalarKernel
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        inner.Evaluate(context, arguments, result);
        if (!result.MayHaveNulls)
            return;
        var target = ((FixedColumn<byte>)result).Values;
        foreach (var row in context.Rows)
        {
            if (result.IsNull(row))
                target[row] = 0;
        }

        result.SetAllValid();
    }
}

/// <summary>IS [NOT] DISTINCT FROM: like the (in)equality inside, but two nulls are the same and a null differs from a value.</summary>
internal sealed class DistinctKernel(ScalarKernel inner, bool isDistinct) : ScalarKernel
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        inner.Evaluate(context, arguments, result);
        if (!result.MayHaveNulls)
            return;
        var target = ((FixedColumn<byte>)result).Values;
        foreach (var row in context.Rows)
        {
            if (result.IsNull(row))
                target[row] = (byte)((arguments[0].IsNull(row) != arguments[1].IsNull(row)) == isDistinct ? 1 : 0);
        }

        result.SetAllValid();
    }
}

using System.Buffers.Binary;
using StreamSQL.Data.Columns;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>The values of a sort key as unsigned numbers in the same order: nulls before or behind, descending turned round.</summary>
internal abstract class SortCode
{
    private readonly bool _descending;
    private readonly bool _nullsFirst;
    private readonly bool _hasNulls;
    private readonly Column _column;

    private protected SortCode(Column column, SortKey key)
    {
        (_column, _descending, _nullsFirst) = (column, key.Descending, key.NullsFirst);
        _hasNulls = column.MayHaveNulls;
    }

    /// <summary>Bits of a code; more than 64 where the range with nulls does not fit.</summary>
    public int Bits { get; private set; }

    /// <summary>Whether equal codes are equal values.</summary>
    public bool IsExact { get; private protected init; } = true;

    private protected ulong Least { get; private set; } = ulong.MaxValue;

    private ulong Range { get; set; }

    /// <summary>Creates the codes of a column; null where its type has none.</summary>
    public static SortCode? Create(Column column, SortKey key, int count)
    {
        SortCode? code = column switch
        {
            FixedColumn<byte> values => new OfFixed<byte, ByteBits>(values, key),
            FixedColumn<int> values => new OfFixed<int, IntBits>(values, key),
            FixedColumn<long> values => new OfFixed<long, LongBits>(values, key),
            FixedColumn<double> values => new OfFixed<double, DoubleBits>(values, key),
            FixedColumn<Int128> values => new OfFixed<Int128, WideBits>(values, key) { IsExact = AreNarrow(values, count) },
            BytesColumn { Type.HasOwnOrder: true } => null,
            BytesColumn values => new OfBytes(values, key),
            _ => null,
        };
        code?.Measure(count);
        return code;
    }

    /// <summary>
    /// Puts the highest <paramref name="bits"/> bits of each row's code behind what is packed already; returns how many it took.
    /// </summary>
    public int Pack(Span<ulong> packed, int bits)
    {
        var kept = Math.Min(bits, Bits);
        var drop = Bits - kept;
        var shift = _nullsFirst && _hasNulls ? 1UL : 0;
        for (var row = 0; row < packed.Length; row++)
        {
            UInt128 code;
            if (_hasNulls && _column.IsNull(row))
                code = _nullsFirst ? 0 : (UInt128)Range + 1;
            else
                code = (UInt128)(_descending ? Range - (CodeOf(row) - Least) : CodeOf(row) - Least) + shift;
            packed[row] = (kept == 64 ? 0 : packed[row] << kept) | (ulong)(code >> drop);
        }

        return kept;
    }

    private protected abstract ulong CodeOf(int row);

    private void Measure(int count)
    {
        var most = ulong.MinValue;
        for (var row = 0; row < count; row++)
        {
            if (_hasNulls && _column.IsNull(row))
                continue;
            var code = CodeOf(row);
            Least = Math.Min(Least, code);
            most = Math.Max(most, code);
        }

        if (most < Least)
            Least = most = 0;
        Range = most - Least;
        var codes = (UInt128)Range + (_hasNulls ? 1UL : 0);
        Bits = 128 - (int)UInt128.LeadingZeroCount(codes);
    }

    private static bool AreNarrow(FixedColumn<Int128> values, int count)
    {
        for (var row = 0; row < count; row++)
        {
            if (!values.IsNull(row) && (values[row] > long.MaxValue || values[row] < long.MinValue))
                return false;
        }

        return true;
    }

    private interface IBits<T>
    {
        static abstract ulong Of(T value);
    }

    private readonly struct ByteBits : IBits<byte>
    {
        public static ulong Of(byte value) => value;
    }

    private readonly struct IntBits : IBits<int>
    {
        public static ulong Of(int value) => (ulong)value ^ (1UL << 63);
    }

    private readonly struct LongBits : IBits<long>
    {
        public static ulong Of(long value) => (ulong)value ^ (1UL << 63);
    }

    private readonly struct DoubleBits : IBits<double>
    {
        // Negative numbers are turned round; -0 is 0, and NaN is above all.
        public static ulong Of(double value)
        {
            if (double.IsNaN(value))
                return ulong.MaxValue;
            var bits = BitConverter.DoubleToUInt64Bits(value == 0 ? 0d : value);
            return (bits & (1UL << 63)) != 0 ? ~bits : bits | (1UL << 63);
        }
    }

    private readonly struct WideBits : IBits<Int128>
    {
        // Where all fit into 64 bits their own value; else their highest bits.
        public static ulong Of(Int128 value) =>
            value > long.MaxValue ? ulong.MaxValue : value < long.MinValue ? 0 : (ulong)(long)value ^ (1UL << 63);
    }

    private sealed class OfFixed<T, TBits>(FixedColumn<T> column, SortKey key) : SortCode(column, key)
        where T : unmanaged
        where TBits : struct, IBits<T>
    {
        private protected override ulong CodeOf(int row) => TBits.Of(column[row]);
    }

    private sealed class OfBytes : SortCode
    {
        private readonly BytesColumn _texts;

        public OfBytes(BytesColumn column, SortKey key)
            : base(column, key)
        {
            _texts = column;
            IsExact = false;
        }

        private protected override ulong CodeOf(int row)
        {
            var value = _texts[row];
            if (value.Length >= sizeof(ulong))
                return BinaryPrimitives.ReadUInt64BigEndian(value);
            Span<byte> padded = stackalloc byte[sizeof(ulong)];
            value.CopyTo(padded);
            return BinaryPrimitives.ReadUInt64BigEndian(padded);
        }
    }
}

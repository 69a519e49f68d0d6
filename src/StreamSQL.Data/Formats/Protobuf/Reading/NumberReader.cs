using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>From what stands on the wire to a column's value.</summary>
internal interface INumberForm<T>
    where T : unmanaged
{
    /// <summary>Converts.</summary>
    static abstract T Convert(ulong value);
}

/// <summary>Reads numbers and truth values.</summary>
/// <param name="path">The column.</param>
/// <param name="wireType">How they stand on the wire.</param>
/// <param name="isNullable">Whether an absent one is NULL.</param>
/// <param name="defaultValue">What an absent one is otherwise.</param>
internal sealed class NumberReader<T, TForm>(string path, WireType wireType, bool isNullable, T defaultValue) : FieldReader(path, wireType)
    where T : unmanaged
    where TForm : struct, INumberForm<T>
{
    private FixedColumn<T> _column = null!;

    /// <inheritdoc/>
    public override void Bind(Column column) => _column = (FixedColumn<T>)column;

    /// <inheritdoc/>
    public override void Init(int first, int count)
    {
        if (isNullable)
            SetNulls(_column, first, count);
        else
            _column.Values.AsSpan(first, count).Fill(defaultValue);
    }

    /// <inheritdoc/>
    public override WireFault ReadNumber(ulong value, int row)
    {
        _column.Values[row] = TForm.Convert(value);
        if (isNullable)
            _column.SetValid(row);
        return WireFault.None;
    }
}

/// <summary>int64, uint64 (its upper half becomes negative), fixed64, sfixed64 as BIGINT.</summary>
internal readonly struct LongForm : INumberForm<long>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Convert(ulong value) => (long)value;
}

/// <summary>int32, sfixed32, enums as BIGINT.</summary>
internal readonly struct SignedToLongForm : INumberForm<long>
{
    public static long Convert(ulong value) => (int)value;
}

/// <summary>uint32, fixed32 as BIGINT.</summary>
internal readonly struct UnsignedToLongForm : INumberForm<long>
{
    public static long Convert(ulong value) => (uint)value;
}

/// <summary>sint64 as BIGINT.</summary>
internal readonly struct ZigZagToLongForm : INumberForm<long>
{
    public static long Convert(ulong value) => WireFormat.UnZigZag(value);
}

/// <summary>sint32 as BIGINT.</summary>
internal readonly struct ZigZag32ToLongForm : INumberForm<long>
{
    public static long Convert(ulong value) => (int)WireFormat.UnZigZag((uint)value);
}

/// <summary>int32, sfixed32, enums as INTEGER.</summary>
internal readonly struct IntForm : INumberForm<int>
{
    public static int Convert(ulong value) => (int)value;
}

/// <summary>sint32 as INTEGER.</summary>
internal readonly struct ZigZagToIntForm : INumberForm<int>
{
    public static int Convert(ulong value) => (int)WireFormat.UnZigZag((uint)value);
}

/// <summary>bool as BOOLEAN.</summary>
internal readonly struct BoolForm : INumberForm<byte>
{
    public static byte Convert(ulong value) => value == 0 ? (byte)0 : (byte)1;
}

/// <summary>double as DOUBLE.</summary>
internal readonly struct DoubleForm : INumberForm<double>
{
    public static double Convert(ulong value) => BitConverter.UInt64BitsToDouble(value);
}

/// <summary>float as DOUBLE.</summary>
internal readonly struct FloatForm : INumberForm<double>
{
    public static double Convert(ulong value) => BitConverter.UInt32BitsToSingle((uint)value);
}

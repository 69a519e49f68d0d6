using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Protobuf.Schema;

namespace StreamSQL.Data.Formats.Protobuf.Writing;

/// <summary>From a column's value to what stands on the wire.</summary>
internal interface IWireForm<T>
    where T : unmanaged
{
    /// <summary>Converts; false when the field's type cannot hold the value.</summary>
    static abstract bool TryConvert(T value, out ulong wire);
}

/// <summary>Writes numbers and truth values.</summary>
internal sealed class NumberWriter<T, TForm>(string path, ProtoField field) : ValueWriter(path, field)
    where T : unmanaged, IEquatable<T>
    where TForm : struct, IWireForm<T>
{
    private readonly WireType _wireType = ProtoTypes.WireTypeOf(field.Type);
    private readonly ProtoType _type = field.Type;
    private FixedColumn<T> _column = null!;

    /// <inheritdoc/>
    protected override Column Column => _column;

    /// <inheritdoc/>
    public override void Bind(Column column) => _column = (FixedColumn<T>)column;

    /// <inheritdoc/>
    public override void WriteValue(WireOutput output, int row)
    {
        if (!TForm.TryConvert(_column.Values[row], out var wire))
        {
            throw new SqlException(
                PostgresErrorCodes.NumericValueOutOfRange,
                $"column {Path}: the value {_column.Values[row]} does not fit the field's type {ProtoTypes.Keyword(_type)}");
        }

        WriteWire(output, wire);
    }

    /// <inheritdoc/>
    public override void WriteDefault(WireOutput output) => WriteWire(output, 0);

    /// <inheritdoc/>
    protected override bool IsDefault(int row)
    {
        // By its bits: minus zero is not the default.
        return TForm.TryConvert(_column.Values[row], out var wire) && wire == 0;
    }

    private void WriteWire(WireOutput output, ulong wire)
    {
        if (_wireType == WireType.Varint)
            output.Varint(wire);
        else if (_wireType == WireType.Fixed32)
            output.Fixed32((uint)wire);
        else
            output.Fixed64(wire);
    }
}

/// <summary>BIGINT as int64, uint64, fixed64, sfixed64.</summary>
internal readonly struct LongToWire : IWireForm<long>
{
    public static bool TryConvert(long value, out ulong wire)
    {
        wire = (ulong)value;
        return true;
    }
}

/// <summary>BIGINT as int32, sfixed32.</summary>
internal readonly struct LongToSigned32 : IWireForm<long>
{
    public static bool TryConvert(long value, out ulong wire)
    {
        wire = (ulong)value;
        return value == (int)value;
    }
}

/// <summary>BIGINT as uint32, fixed32.</summary>
internal readonly struct LongToUnsigned32 : IWireForm<long>
{
    public static bool TryConvert(long value, out ulong wire)
    {
        wire = (ulong)value;
        return value == (uint)value;
    }
}

/// <summary>BIGINT as sint64.</summary>
internal readonly struct LongToZigZag : IWireForm<long>
{
    public static bool TryConvert(long value, out ulong wire)
    {
        wire = WireFormat.ZigZag(value);
        return true;
    }
}

/// <summary>BIGINT as sint32.</summary>
internal readonly struct LongToZigZag32 : IWireForm<long>
{
    public static bool TryConvert(long value, out ulong wire)
    {
        wire = WireFormat.ZigZag(value);
        return value == (int)value;
    }
}

/// <summary>INTEGER as int32, int64, sfixed32, sfixed64.</summary>
internal readonly struct IntToWire : IWireForm<int>
{
    public static bool TryConvert(int value, out ulong wire)
    {
        wire = (ulong)(long)value;
        return true;
    }
}

/// <summary>INTEGER as uint32, uint64, fixed32, fixed64.</summary>
internal readonly struct IntToUnsigned : IWireForm<int>
{
    public static bool TryConvert(int value, out ulong wire)
    {
        wire = (ulong)(long)value;
        return value >= 0;
    }
}

/// <summary>INTEGER as sint32, sint64.</summary>
internal readonly struct IntToZigZag : IWireForm<int>
{
    public static bool TryConvert(int value, out ulong wire)
    {
        wire = WireFormat.ZigZag(value);
        return true;
    }
}

/// <summary>BOOLEAN as bool.</summary>
internal readonly struct BoolToWire : IWireForm<byte>
{
    public static bool TryConvert(byte value, out ulong wire)
    {
        wire = value;
        return true;
    }
}

/// <summary>DOUBLE as double.</summary>
internal readonly struct DoubleToWire : IWireForm<double>
{
    public static bool TryConvert(double value, out ulong wire)
    {
        wire = BitConverter.DoubleToUInt64Bits(value);
        return true;
    }
}

/// <summary>DOUBLE as float, the nearest.</summary>
internal readonly struct DoubleToFloat : IWireForm<double>
{
    public static bool TryConvert(double value, out ulong wire)
    {
        wire = BitConverter.SingleToUInt32Bits((float)value);
        return true;
    }
}

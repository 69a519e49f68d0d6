using System.Buffers.Binary;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Formats.Protobuf.Writing;

/// <summary>Writes a value as the message that stands for it.</summary>
internal abstract class ValueMessageWriter<T>(string path, ProtoField field) : ValueWriter(path, field)
    where T : unmanaged
{
    /// <summary>The column's values.</summary>
    protected FixedColumn<T> Values { get; private set; } = null!;

    /// <inheritdoc/>
    protected override Column Column => Values;

    /// <inheritdoc/>
    public override void Bind(Column column) => Values = (FixedColumn<T>)column;

    /// <inheritdoc/>
    public override void WriteValue(WireOutput output, int row) => WriteMessage(output, Values.Values[row]);

    /// <inheritdoc/>
    public override void WriteDefault(WireOutput output) => WriteMessage(output, default);

    /// <summary>Writes the message's fields.</summary>
    protected abstract void WriteFields(WireOutput output, T value);

    private void WriteMessage(WireOutput output, T value)
    {
        var before = output.Length;
        WriteFields(output, value);
        output.LengthSince(before);
    }
}

/// <summary>Writes TIMESTAMP as <c>google.protobuf.Timestamp</c>.</summary>
internal sealed class TimestampWriter(string path, ProtoField field) : ValueMessageWriter<long>(path, field)
{
    /// <inheritdoc/>
    protected override void WriteFields(WireOutput output, long value)
    {
        output.Field(2, CivilCalendar.FloorMod(value, 1000) * 1_000_000);
        output.Field(1, CivilCalendar.FloorDiv(value, 1000));
    }
}

/// <summary>Writes DATE as <c>google.type.Date</c>.</summary>
internal sealed class DateWriter(string path, ProtoField field) : ValueMessageWriter<int>(path, field)
{
    /// <inheritdoc/>
    protected override void WriteFields(WireOutput output, int value)
    {
        var (year, month, day) = CivilCalendar.Date(value);
        output.Field(3, day);
        output.Field(2, month);
        output.Field(1, year);
    }
}

/// <summary>Writes TIME as <c>google.type.TimeOfDay</c>.</summary>
internal sealed class TimeOfDayWriter(string path, ProtoField field) : ValueMessageWriter<int>(path, field)
{
    /// <inheritdoc/>
    protected override void WriteFields(WireOutput output, int value)
    {
        output.Field(4, value % 1000 * 1_000_000);
        output.Field(3, value / 1000 % 60);
        output.Field(2, value / 60_000 % 60);
        output.Field(1, value / 3_600_000);
    }
}

/// <summary>Writes DECIMAL as <c>confluent.type.Decimal</c>.</summary>
internal sealed class DecimalWriter(string path, ProtoField field) : ValueMessageWriter<Int128>(path, field)
{
    /// <inheritdoc/>
    protected override void WriteFields(WireOutput output, Int128 value)
    {
        output.Field(3, Values.Type.Scale);
        output.Field(2, Values.Type.Precision);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, value);
        // The fewest bytes that keep the sign.
        var first = 0;
        while (first < 15 && (bytes[first] == 0 ? bytes[first + 1] < 0x80 : bytes[first] == 0xFF && bytes[first + 1] >= 0x80))
            first++;
        output.Delimited(bytes[first..]);
        output.Varint((1 << 3) | (uint)WireType.Delimited);
    }
}

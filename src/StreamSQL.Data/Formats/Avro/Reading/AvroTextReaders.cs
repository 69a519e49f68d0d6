using System.Globalization;
using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>string and bytes as VARCHAR: where it lies, when the column shares the records' buffer.</summary>
internal readonly unsafe struct AvroTextReader : IAvroReader<BytesColumn>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Read(AvroContext context, byte* position, byte* end, BytesColumn column, int row)
    {
        var start = context.ReadLength(position, end, out var length);
        if (start == null)
            return null;
        if (!AvroBytes.IsUtf8(context, start, length))
            return context.Fail(AvroFault.InvalidUtf8);
        Set(context, start, length, column, row);
        return start + length;
    }

    /// <summary>Makes bytes of the record a row's value.</summary>
    public static void Set(AvroContext context, byte* start, int length, BytesColumn column, int row)
    {
        if (ReferenceEquals(column.Buffer, context.Buffer))
        {
            column.Starts[row] = (int)(start - context.Start);
            column.Lengths[row] = length;
        }
        else
        {
            column.Set(row, new ReadOnlySpan<byte>(start, length));
        }
    }
}

/// <summary>bytes and string as BYTES.</summary>
internal readonly unsafe struct AvroBytesReader : IAvroReader<BytesColumn>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Read(AvroContext context, byte* position, byte* end, BytesColumn column, int row)
    {
        var start = context.ReadLength(position, end, out var length);
        if (start == null)
            return null;
        AvroTextReader.Set(context, start, length, column, row);
        return start + length;
    }
}

/// <summary>fixed as BYTES.</summary>
internal readonly unsafe struct AvroFixedReader(int size) : IAvroReader<BytesColumn>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, BytesColumn column, int row)
    {
        var next = context.Advance(position, end, size);
        if (next != null)
            AvroTextReader.Set(context, position, size, column, row);
        return next;
    }
}

/// <summary>A UUID of 16 bytes as VARCHAR.</summary>
internal readonly unsafe struct AvroUuidReader : IAvroReader<BytesColumn>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, BytesColumn column, int row)
    {
        var next = context.Advance(position, end, 16);
        if (next == null)
            return null;
        new Guid(new ReadOnlySpan<byte>(position, 16), bigEndian: true).TryFormat(column.Allocate(row, 36), out _);
        return next;
    }
}

/// <summary>enum as VARCHAR.</summary>
/// <param name="symbols">By the writer's numbers; null where the reader does not know the symbol and has no default.</param>
internal readonly unsafe struct AvroSymbolReader(byte[]?[] symbols) : IAvroReader<BytesColumn>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, BytesColumn column, int row)
    {
        var next = context.ReadSmall(position, end, out var number);
        if (next == null)
            return null;
        if ((ulong)number >= (ulong)symbols.Length || symbols[number] is not { } symbol)
            return context.Fail(AvroFault.BadSymbol);
        column.Set(row, symbol);
        return next;
    }
}

/// <summary>boolean as VARCHAR.</summary>
internal readonly unsafe struct AvroBooleanTextReader : IAvroReader<BytesColumn>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, BytesColumn column, int row)
    {
        if (position >= end)
            return context.Fail(AvroFault.Truncated);
        if (*position > 1)
            return context.Fail(AvroFault.BadBoolean);
        column.Set(row, *position == 0 ? "false"u8 : "true"u8);
        return position + 1;
    }
}

/// <summary>int and long as VARCHAR.</summary>
internal readonly unsafe struct AvroIntegerTextReader(bool isInt) : IAvroReader<BytesColumn>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, BytesColumn column, int row)
    {
        var next = context.ReadLong(position, end, out var value);
        if (next == null)
            return null;
        if (isInt && value != (int)value)
            return context.Fail(AvroFault.OutOfRange);
        Span<byte> text = stackalloc byte[IntegerText.MaxLength];
        column.Set(row, text[..IntegerText.Write(text, value)]);
        return next;
    }
}

/// <summary>float and double as VARCHAR, as Java prints them.</summary>
internal readonly unsafe struct AvroFloatingTextReader(bool isFloat) : IAvroReader<BytesColumn>
{
    /// <inheritdoc/>
    public byte* Read(AvroContext context, byte* position, byte* end, BytesColumn column, int row)
    {
        var next = context.Advance(position, end, isFloat ? sizeof(float) : sizeof(double));
        if (next == null)
            return null;
        // The shortest digits of a float are those of the double that its text gives.
        var value = isFloat ? Widen(AvroFloatReader.Value(position)) : AvroDoubleReader.Value(position);
        Span<byte> text = stackalloc byte[DoubleText.MaxLength];
        column.Set(row, text[..DoubleText.WriteJava(text, value)]);
        return next;
    }

    private static double Widen(float value)
    {
        Span<byte> text = stackalloc byte[DoubleText.MaxLength];
        value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        return double.Parse(text[..length], CultureInfo.InvariantCulture);
    }
}

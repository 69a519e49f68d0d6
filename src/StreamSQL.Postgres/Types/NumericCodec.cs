using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>
/// numeric. In binary: digits in base 10,000, the weight of the first one, a sign and the number of decimal digits after the point. A
/// parameter is kept as text until its type is known.
/// </summary>
internal sealed class NumericCodec : PgCodec
{
    /// <summary>For parameters.</summary>
    public static readonly NumericCodec OfAnyScale = new();

    private const int Base = 10_000;
    private const int DigitsPerWord = 4;
    private const ushort Negative = 0x4000;
    private const ushort NotANumber = 0xC000;
    private const ushort Infinite = 0xD000;
    private const ushort NegativeInfinite = 0xF000;

    // What PostgreSQL sends beside an infinity.
    private const short InfinityScale = 0x20;
    private const int MaxScale = 0x3FFF;

    private readonly int _scale;

    public NumericCodec(SqlType type)
        : base(PgTypes.Numeric, PgTypes.ModifierOf(type)) => _scale = type.Scale;

    private NumericCodec()
        : base(PgTypes.Numeric)
    {
    }

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        if (column is FixedColumn<Int128> decimals)
            WriteSmall(output, decimals[row], _scale);
        else
            Write(output, NumericColumns.Get((BytesColumn)column, row));
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        switch (NumericText.TryParse(text, out _))
        {
            case ParseResult.Malformed:
                InvalidValue.ThrowSyntax(Type, text);
                break;
            case ParseResult.OutOfRange:
                throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange, "value overflows numeric format");
        }

        return Encoding.ASCII.GetString(text.Trim(" \t\r\n\v\f"u8));
    }

    private static void Write(OutputBuffer output, in NumericValue value)
    {
        if (!value.IsFinite)
        {
            output.WriteInt32(0);
            output.WriteInt16(unchecked((short)(value.IsNaN ? NotANumber : value.Sign > 0 ? Infinite : NegativeInfinite)));
            output.WriteInt16(value.IsNaN ? (short)0 : InfinityScale);
        }
        else if (value.IsSmall)
        {
            WriteSmall(output, value.Small, value.Scale);
        }
        else
        {
            WriteLarge(output, value);
        }
    }

    private static void WriteSmall(OutputBuffer output, Int128 unscaled, int scale)
    {
        var rest = UInt128.CreateTruncating(Int128.IsNegative(unscaled) ? -unscaled : unscaled);

        // The words are aligned to the point: the last one is filled up with zeros.
        var fill = (DigitsPerWord - (scale % DigitsPerWord)) % DigitsPerWord;
        Span<short> words = stackalloc short[12];
        var count = 0;
        if (fill > 0 && rest != 0)
        {
            var power = (uint)Math.Pow(10, DigitsPerWord - fill);
            (rest, var low) = UInt128.DivRem(rest, power);
            words[count++] = (short)((uint)low * (uint)Math.Pow(10, fill));
        }

        while (rest != 0)
        {
            (rest, var word) = UInt128.DivRem(rest, Base);
            words[count++] = (short)word;
        }

        WriteWords(output, words[..count], scale, Int128.IsNegative(unscaled));
    }

    private static void WriteLarge(OutputBuffer output, in NumericValue value)
    {
        var fill = (DigitsPerWord - (value.Scale % DigitsPerWord)) % DigitsPerWord;
        var count = NumericMath.CountDigits(value);
        var lead = (DigitsPerWord - ((count + fill) % DigitsPerWord)) % DigitsPerWord;
        var digits = new byte[lead + count + fill];
        digits.AsSpan().Fill((byte)'0');
        NumericText.WriteDigits(value, digits.AsSpan(lead, count));
        var words = new short[digits.Length / DigitsPerWord];
        for (var i = 0; i < words.Length; i++)
            words[words.Length - 1 - i] = short.Parse(digits.AsSpan(i * DigitsPerWord, DigitsPerWord), CultureInfo.InvariantCulture);
        WriteWords(output, words, value.Scale, value.Sign < 0);
    }

    /// <summary>Writes words, of which the last is the first one of the number; zeros at its end are left out.</summary>
    private static void WriteWords(OutputBuffer output, ReadOnlySpan<short> words, int scale, bool isNegative)
    {
        var wordsAfterPoint = (scale + DigitsPerWord - 1) / DigitsPerWord;
        var weight = words.Length - wordsAfterPoint - 1;
        var trailing = 0;
        while (trailing < words.Length && words[trailing] == 0)
            trailing++;

        output.WriteInt16((short)(words.Length - trailing));
        output.WriteInt16((short)(words.Length == trailing ? 0 : weight));
        output.WriteInt16(isNegative ? (short)Negative : (short)0);
        output.WriteInt16((short)scale);
        for (var i = words.Length - 1; i >= trailing; i--)
            output.WriteInt16(words[i]);
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        const int HeaderBytes = 8;
        if (bytes.Length < HeaderBytes)
            InvalidValue.ThrowBinary(Type);
        int count = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        int weight = BinaryPrimitives.ReadInt16BigEndian(bytes[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        int scale = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        if (sign is NotANumber or Infinite or NegativeInfinite)
            return sign == NotANumber ? "NaN" : sign == Infinite ? "Infinity" : "-Infinity";
        if (sign is not (0 or Negative) || scale > MaxScale || weight > MaxScale / DigitsPerWord
            || bytes.Length != HeaderBytes + (2 * count))
            InvalidValue.ThrowBinary(Type);

        var text = new StringBuilder();
        if (sign == Negative)
            text.Append('-');
        for (var position = Math.Max(weight, 0); position >= 0; position--)
            text.Append(Word(bytes[HeaderBytes..], count, weight - position)
                .ToString(position == Math.Max(weight, 0) ? "0" : "0000", CultureInfo.InvariantCulture));
        if (scale == 0)
            return text.ToString();
        text.Append('.');
        var point = text.Length;
        for (var position = -1; text.Length - point < scale; position--)
            text.Append(Word(bytes[HeaderBytes..], count, weight - position).ToString("0000", CultureInfo.InvariantCulture));
        text.Length = point + scale;
        return text.ToString();
    }

    private int Word(ReadOnlySpan<byte> words, int count, int index)
    {
        if (index < 0 || index >= count)
            return 0;
        int word = BinaryPrimitives.ReadUInt16BigEndian(words[(2 * index)..]);
        if (word >= Base)
            InvalidValue.ThrowBinary(Type);
        return word;
    }
}

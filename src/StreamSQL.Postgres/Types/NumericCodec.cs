using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>
/// numeric. In binary: digits in base 10,000, the weight of the first one, a sign and the number of decimal digits after the point. A parameter is
/// kept as text until its type is known.
/// </summary>
internal sealed class NumericCodec : PgCodec
{
    /// <summary>For parameters.</summary>
    public static readonly NumericCodec OfAnyScale = new();

    private const int Base = 10_000;
    private const int DigitsPerWord = 4;
    private const ushort Negative = 0x4000;
    private const ushort NotANumber = 0xC000;
    private const int MaxScale = 0x3FFF;

    private readonly int _scale;

    public NumericCodec(SqlType type)
        : base(PgTypes.Numeric, PgTypes.ModifierOf(type)) => _scale = type.Scale;

    private NumericCodec()
        : base(PgTypes.Numeric)
    {
    }

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        var unscaled = ((FixedColumn<Int128>)column)[row];
        var rest = UInt128.CreateTruncating(Int128.IsNegative(unscaled) ? -unscaled : unscaled);

        // The words are aligned to the point: the last one is filled up with zeros.
        var fill = (DigitsPerWord - (_scale % DigitsPerWord)) % DigitsPerWord;
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

        var wordsAfterPoint = (_scale + DigitsPerWord - 1) / DigitsPerWord;
        var weight = count - wordsAfterPoint - 1;
        var trailing = 0;
        while (trailing < count && words[trailing] == 0)
            trailing++;

        output.WriteInt16((short)(count - trailing));
        output.WriteInt16((short)(count == trailing ? 0 : weight));
        output.WriteInt16(Int128.IsNegative(unscaled) ? (short)Negative : (short)0);
        output.WriteInt16((short)_scale);
        for (var i = count - 1; i >= trailing; i--)
            output.WriteInt16(words[i]);
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var word = text.Trim(" \t\r\n"u8);
        if (!double.TryParse(word, Styles, CultureInfo.InvariantCulture, out _))
            InvalidValue.ThrowSyntax(Type, text);
        return Encoding.ASCII.GetString(word);
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
        if (sign == NotANumber)
            return "NaN";
        if (sign is not (0 or Negative) || scale > MaxScale || weight > MaxScale / DigitsPerWord || bytes.Length != HeaderBytes + (2 * count))
            InvalidValue.ThrowBinary(Type);

        var text = new StringBuilder();
        if (sign == Negative)
            text.Append('-');
        for (var position = Math.Max(weight, 0); position >= 0; position--)
            text.Append(Word(bytes[HeaderBytes..], count, weight - position).ToString(position == Math.Max(weight, 0) ? "0" : "0000", CultureInfo.InvariantCulture));
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

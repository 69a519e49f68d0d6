using System.Buffers.Binary;
using System.Globalization;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>float8: the shortest text that gives the same double back.</summary>
internal sealed class Float8Codec() : PgCodec(PgTypes.Float8)
{
    public static readonly Float8Codec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        // .NET's NaN has its sign bit set, PostgreSQL's has not.
        var value = ((FixedColumn<double>)column)[row];
        BinaryPrimitives.WriteDoubleBigEndian(output.Take(sizeof(double)), double.IsNaN(value) ? Math.Abs(double.NaN) : value);
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => FloatText.Read(Type, text);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(double));
        return BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }

    /// <inheritdoc/>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, Column column, int row)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(double));
        ((FixedColumn<double>)column).Values[row] = BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }
}

/// <summary>float4: the shortest text that gives the same single back; a double in columns.</summary>
internal sealed class Float4Codec() : PgCodec(PgTypes.Float4)
{
    public static readonly Float4Codec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) =>
        BinaryPrimitives.WriteSingleBigEndian(output.Take(sizeof(float)), (float)((FixedColumn<double>)column)[row]);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => FloatText.Read(Type, text);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(float));
        return (double)BinaryPrimitives.ReadSingleBigEndian(bytes);
    }
}

/// <summary>Reads floating-point numbers from text.</summary>
internal static class FloatText
{
    public static double Read(PgType type, ReadOnlySpan<byte> text)
    {
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var word = text.Trim(" \t\r\n"u8);
        if (double.TryParse(word, Styles, CultureInfo.InvariantCulture, out var value))
        {
            if (double.IsInfinity(value) && word.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0)
                InvalidValue.ThrowRange(type, text);
            return value;
        }

        switch (System.Text.Encoding.ASCII.GetString(word[..Math.Min(word.Length, 10)]).ToUpperInvariant())
        {
            case "INF" or "+INF" or "INFINITY" or "+INFINITY":
                return double.PositiveInfinity;
            case "-INF" or "-INFINITY":
                return double.NegativeInfinity;
            case "NAN":
                return double.NaN;
            default:
                InvalidValue.ThrowSyntax(type, text);
                return 0;
        }
    }
}

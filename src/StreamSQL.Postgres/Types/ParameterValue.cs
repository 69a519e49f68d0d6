using System.Globalization;
using System.Numerics;
using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Types;

/// <summary>Brings a parameter from the type that the client sent to the type that the statement takes.</summary>
internal static class ParameterValue
{
    private const int MaxExponent = 1000;

    /// <summary>Converts a value that a codec has read (bool, int, long, double, Interval, string, byte[], object?[]).</summary>
    /// <exception cref="SqlException">22P02, 22003: it is not a value of the type; 42804: the types do not go together.</exception>
    public static object Convert(object value, SqlType target) => Convert(value, target, TextSettings.Default);

    /// <summary>The same, with what the session sets about texts.</summary>
    /// <exception cref="SqlException">As above; 42P01 and others: a name of no object.</exception>
    public static object Convert(object value, SqlType target, TextSettings settings) => (target.Physical, value) switch
    {
        _ when target.Kind == SqlTypeKind.Numeric => ToNumeric(value),
        (PhysicalKind.Boolean, bool) => value,
        (PhysicalKind.Int32, int number) => target.Kind == SqlTypeKind.SmallInt
            ? CheckRange(number, short.MinValue, short.MaxValue, target) : value,
        (PhysicalKind.Int32, long number) => CheckRange(number, int.MinValue, int.MaxValue, target),
        (PhysicalKind.Int64, long) => value,
        (PhysicalKind.Int64, int number) => (long)number,
        (PhysicalKind.Double, double) => value,
        (PhysicalKind.Double, int number) => (double)number,
        (PhysicalKind.Double, long number) => (double)number,
        (PhysicalKind.Int128, int number) => ToDecimal(number.ToString(CultureInfo.InvariantCulture), target),
        (PhysicalKind.Int128, long number) => ToDecimal(number.ToString(CultureInfo.InvariantCulture), target),
        (PhysicalKind.Int128, double number) => ToDecimal(number.ToString(CultureInfo.InvariantCulture), target),
        (PhysicalKind.Int128, string text) => ToDecimal(text, target),
        (PhysicalKind.Int32 or PhysicalKind.Int64, double number) when number == Math.Floor(number) && Math.Abs(number) < 1e15 =>
            Convert((long)number, target),
        (PhysicalKind.Interval, Interval) => value,
        (PhysicalKind.Bytes, byte[]) when target.Kind == SqlTypeKind.Bytes => value,
        (PhysicalKind.Bytes, string) when target.Kind != SqlTypeKind.Bytes => value,
        (PhysicalKind.Bytes, bool or int or long or double) when target.Kind != SqlTypeKind.Bytes =>
            System.Convert.ToString(value, CultureInfo.InvariantCulture)!,
        (PhysicalKind.Array, object?[] elements) =>
            Array.ConvertAll(elements, element => element is null ? null : Convert(element, target.Element!)),
        (_, string text) when !target.IsNested || target.Kind == SqlTypeKind.Array =>
            PgCodec.For(target, settings).ReadText(Encoding.UTF8.GetBytes(text)),
        _ => throw new SqlException(PostgresErrorCodes.DatatypeMismatch, $"a parameter of type {target} cannot take this value"),
    };

    private static object CheckRange(long number, long min, long max, SqlType target) => number >= min && number <= max
        ? target.Physical == PhysicalKind.Int32 ? (object)(int)number : number
        : throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange,
            $"value {number} is out of range for type {PgTypes.Of(target).SqlName}");

    private static object ToNumeric(object value)
    {
        var text = value is double number ? number.ToString("G15", CultureInfo.InvariantCulture)
            : System.Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return NumericText.TryParse(Encoding.UTF8.GetBytes(text), out var result) switch
        {
            ParseResult.Ok => result,
            ParseResult.OutOfRange => throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange, "value overflows numeric format"),
            _ => throw NotANumber(text),
        };
    }

    /// <summary>Text of a number to the unscaled value of a DECIMAL, rounded half away from zero.</summary>
    private static object ToDecimal(string text, SqlType target)
    {
        if (text.TrimStart('-', '+').ToUpperInvariant() is "NAN" or "INF" or "INFINITY")
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "a numeric holds no NaN or Infinity here: use double precision");
        var exponentAt = text.AsSpan().IndexOfAny('e', 'E');
        var exponent = 0;
        if (exponentAt >= 0 && !int.TryParse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out exponent))
            throw NotANumber(text);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            throw NotANumber(text);
        var shift = target.Scale + exponent - (point < 0 ? 0 : mantissa.Length - point - 1);
        if (value.IsZero)
            return Int128.Zero;
        if (Math.Abs(shift) > MaxExponent)
            throw OutOfRange(text, target);
        value = shift >= 0 ? value * BigInteger.Pow(10, shift) : DivideRounded(value, BigInteger.Pow(10, -shift));
        if (BigInteger.Abs(value) >= BigInteger.Pow(10, target.Precision))
            throw OutOfRange(text, target);
        return (Int128)value;
    }

    private static BigInteger DivideRounded(BigInteger value, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(value, divisor, out var remainder);
        return BigInteger.Abs(remainder) * 2 >= divisor ? quotient + value.Sign : quotient;
    }

    private static SqlException NotANumber(string text) =>
        new(PostgresErrorCodes.InvalidTextRepresentation, $"invalid input syntax for type numeric: \"{text}\"");

    private static SqlException OutOfRange(string text, SqlType target) =>
        new(PostgresErrorCodes.NumericValueOutOfRange, $"numeric field overflow: {text} does not fit into {target}");
}

using System.Globalization;
using System.Numerics;
using System.Text;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.PostgresFunction;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>PostgreSQL's to_char of numbers and to_number.</summary>
internal static class NumberFormatFunctions
{
    private const string Category = "Numeric";

    // Digits that every number of the type has: more are not shown.
    private const int RealDigits = 6;
    private const int DoubleDigits = 15;

    public static IEnumerable<ScalarFunction> All() =>
    [
        new PostgresFunction("TO_CHAR", Category, "A number as text, by a template.", ["to_char(number, VARCHAR) -> VARCHAR"], BindToChar),
        Of("TO_NUMBER", Category, "The number that a text written by a template means.",
            Rows(SqlType.Numeric, ToNumber, SqlType.Varchar, SqlType.Varchar)),
    ];

    private static ScalarBinding? BindToChar(IReadOnlyList<SqlType> types)
    {
        if (types is not [{ IsNumeric: true } number, var template]
            || !TypeCoercion.CanImplicitlyCast(template, SqlType.Varchar, RuleSet.Postgres))
            return null;
        if (number.Kind == SqlTypeKind.Real)
            return OfDoubles(number, RealDigits);
        if (!TypeCoercion.IsExact(number))
            return OfDoubles(SqlType.Double, DoubleDigits);
        return new([number, SqlType.Varchar], SqlType.Varchar,
            Kernel(static (in RowCall call, NumberTemplate read) => WriteNumeric(call.Numeric(0), read)));
    }

    private static ScalarBinding OfDoubles(SqlType type, int digits) => new(
        [type, SqlType.Varchar], SqlType.Varchar,
        Kernel((in RowCall call, NumberTemplate read) => WriteDouble(call.Double(0), digits, read)));

    private delegate string Writer(in RowCall call, NumberTemplate template);

    private static DelegateKernel Kernel(Writer writer)
    {
        var templates = new CompiledCache<NumberTemplate>();
        return new((in RowCall call) =>
            call.Return(Encoding.UTF8.GetBytes(
                writer(call, templates.Get(call.Text(1), static text => NumberTemplate.Read(Encoding.UTF8.GetString(text)))!))));
    }

    private static string WriteDouble(double value, int digits, NumberTemplate template)
    {
        if (!double.IsFinite(value))
            return WriteSpecial(template, double.IsNaN(value), value < 0);
        if (template.Roman is not null)
            return NumberWriter.WriteRoman(template, (long)Math.Clamp(Math.Round(value), -1, 4000));
        if (template.IsScientific)
            return NumberWriter.WriteScientific(template, value < 0,
                Scientific(Math.Abs(value).ToString($"e{template.FractionDigits}", CultureInfo.InvariantCulture)));
        var moved = Math.Abs(value * Math.Pow(10, template.ShiftedDigits));
        var whole = moved.ToString("F0", CultureInfo.InvariantCulture).Length;
        var fraction = Math.Clamp(digits - whole, 0, template.FractionDigits);
        return Write(template, value < 0, moved.ToString($"F{fraction}", CultureInfo.InvariantCulture));
    }

    private static string WriteNumeric(in NumericValue value, NumberTemplate template)
    {
        if (!value.IsFinite)
            return WriteSpecial(template, value.IsNaN, value.Sign < 0);
        var (unscaled, scale) = (value.Unscaled, value.Scale);
        if (template.Roman is not null)
            return NumberWriter.WriteRoman(template,
                (long)BigInteger.Clamp(NumericMath.Round(value, 0, NumericRounding.Nearest).Unscaled, -1, 4000));
        if (template.IsScientific)
            return NumberWriter.WriteScientific(template, value.Sign < 0, Scientific(Digits(unscaled, scale, template.FractionDigits)));

        // Rounded half away from zero, in whole numbers of any length.
        var shift = template.FractionDigits + template.ShiftedDigits - scale;
        var magnitude = BigInteger.Abs(unscaled);
        magnitude = shift >= 0 ? magnitude * BigInteger.Pow(10, shift)
            : (magnitude + (BigInteger.Pow(10, -shift) / 2)) / BigInteger.Pow(10, -shift);
        var digits = magnitude.ToString(CultureInfo.InvariantCulture).PadLeft(template.FractionDigits + 1, '0');
        return Write(template, value.Sign < 0, digits[..^template.FractionDigits] + "." + digits[^template.FractionDigits..]);
    }

    private static string Write(NumberTemplate template, bool isNegative, string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var (whole, fraction) = point < 0 ? (text, "") : (text[..point], text[(point + 1)..]);
        return NumberWriter.Write(template, isNegative && text.AsSpan().ContainsAnyInRange('1', '9'),
            whole.TrimStart('0') is { Length: > 0 } digits ? digits : "0", fraction);
    }

    // d.ddde+NN of a decimal, rounded half away from zero.
    private static string Digits(BigInteger unscaled, int scale, int fractionDigits)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture);
        var exponent = digits.Length - 1 - scale;
        if (unscaled.IsZero)
            exponent = 0;
        var keep = fractionDigits + 1;
        if (digits.Length > keep)
        {
            var drop = BigInteger.Pow(10, digits.Length - keep);
            var rounded = ((BigInteger.Abs(unscaled) + (drop / 2)) / drop).ToString(CultureInfo.InvariantCulture);
            // Of 9.99 to one digit this makes 10.0e+00, as PostgreSQL does.
            digits = rounded;
        }

        digits = digits.PadRight(keep, '0');
        var (whole, fraction) = (digits[..^fractionDigits], digits[^fractionDigits..]);
        return $"{whole}{(keep > 1 ? "." : "")}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):000}";
    }

    // Exponents have two digits, three only where needed.
    private static string Scientific(string text)
    {
        var at = text.IndexOf('e', StringComparison.Ordinal) + 2;
        return text[at] == '0' ? text.Remove(at, 1) : text;
    }

    // A name stands where whole digits do, if there is room.
    private static string WriteSpecial(NumberTemplate template, bool isNaN, bool isNegative)
    {
        if (template.IsScientific)
        {
            // As wide as PostgreSQL leaves it.
            var marks = new string('#', template.FractionDigits + 4);
            return $" {new string('#', template.WholeDigits)}.{marks}";
        }

        var name = isNaN ? "NaN" : "Infinity";
        return template.WholeDigits >= name.Length
            ? NumberWriter.Write(template, isNegative, name, "")
            : NumberWriter.Write(template, isNegative, new string('9', template.WholeDigits + 1), new string('9', template.FractionDigits));
    }

    private static void ToNumber(in RowCall call)
    {
        var (text, digits) = (Encoding.UTF8.GetString(call.Text(0)), new StringBuilder());
        var isNegative = NumberReader.Read(NumberTemplate.Read(Encoding.UTF8.GetString(call.Text(1))), text, digits);
        if (digits.Length == 0)
            call.Fail(PostgresErrorCodes.InvalidTextRepresentation, "invalid input syntax for type numeric: \" \"");
        else if (NumericText.TryParse(Encoding.ASCII.GetBytes(digits.ToString()), out var value) != ParseResult.Ok)
            call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "numeric field overflow");
        else
            call.Return(isNegative ? NumericMath.Negate(value) : value);
    }
}

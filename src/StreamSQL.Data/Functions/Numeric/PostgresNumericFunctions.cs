using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>
/// PostgreSQL's functions of whole numbers and doubles: divisors, buckets, signs and rounding with its result types. Those of decimals are
/// <see cref="NumericFunctionsOfDecimals"/>.
/// </summary>
internal static class PostgresNumericFunctions
{
    private const string Category = "Numeric";

    public static IEnumerable<ScalarFunction> All() =>
    [
        new PostgresFunction("GCD", Category, "The greatest common divisor.", ["gcd(number, number) -> the wider of both types"],
            static types => BindDivisor(types, isMultiple: false)),
        new PostgresFunction("LCM", Category, "The least common multiple.", ["lcm(number, number) -> the wider of both types"],
            static types => BindDivisor(types, isMultiple: true)),
        new PostgresFunction("WIDTH_BUCKET", Category,
            "The number of the bucket, of so many equal ones between two bounds, that a number falls into; or its place among sorted " +
                "bounds.",
            ["width_bucket(number, number, number, INTEGER) -> INTEGER", "width_bucket(value, ARRAY) -> INTEGER"], BindBucket),
        new PostgresFunction("ABS", Category, "The absolute value.", ["abs(number) -> the number's type"],
            static types => types is not [var type] ? null : type.Kind switch
        {
            SqlTypeKind.SmallInt => new([type], type,
                new DelegateKernel(static (in RowCall call) => ReturnAbsolute(call, call.Int(0), short.MaxValue, "smallint"))),
            SqlTypeKind.Integer => new([type], type,
                new DelegateKernel(static (in RowCall call) => ReturnAbsolute(call, call.Int(0), int.MaxValue, "integer"))),
            SqlTypeKind.BigInt => new([type], type, new DelegateKernel(AbsoluteLong)),
            SqlTypeKind.Real => new([type], type, new DelegateKernel(static (in RowCall call) => call.Return(Math.Abs(call.Double(0))))),
            _ => null,
        }),
        new PostgresFunction("SIGN", Category, "-1, 0 or 1: the sign of a number.", ["sign(DOUBLE) -> DOUBLE"],
            static types => types is not [{ IsNumeric: true } type] ? null
            : type.Kind is SqlTypeKind.Decimal or SqlTypeKind.Numeric ? null
            : new([SqlType.Double], SqlType.Double,
                new DelegateKernel(static (in RowCall call) =>
                    call.Return(double.IsNaN(call.Double(0)) ? double.NaN : Math.Sign(call.Double(0)))))),
        Rounded("CEIL", "The smallest whole number not below."),
        Rounded("CEILING", "The smallest whole number not below."),
        Rounded("FLOOR", "The largest whole number not above."),
        Rounded("ROUND", "The nearest whole number."),
        Rounded("TRUNC", "The whole number towards zero."),
        Nulls("NUM_NULLS", "How many arguments are NULL.", counted: true),
        Nulls("NUM_NONNULLS", "How many arguments are not NULL.", counted: false),
    ];

    // Of integers these give a double; what they do with decimals and doubles is the same by all rules.
    private static PostgresFunction Rounded(string name, string description) => new(
        name, Category, description, [$"{name.ToLowerInvariant()}(number) -> DOUBLE"],
        static types => types is [{ Kind: SqlTypeKind.SmallInt or SqlTypeKind.Integer or SqlTypeKind.BigInt }]
            ? new([SqlType.Double], SqlType.Double, new CopyKernel()) : null);

    private static PostgresFunction Nulls(string name, string description, bool counted) => new(
        name, "Comparison", description, [$"{name.ToLowerInvariant()}(value, ...) -> INTEGER"],
        types => types.Count == 0 ? null : new([.. types.Select(static type => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type)],
            SqlType.Integer, new NullableDelegateKernel((in RowCall call) =>
            {
                var nulls = 0;
                for (var i = 0; i < call.Count; i++)
                    nulls += call.IsNull(i) ? 1 : 0;
                call.Return(counted ? nulls : call.Count - nulls);
            })));

    private static ScalarBinding? BindDivisor(IReadOnlyList<SqlType> types, bool isMultiple)
    {
        if (types.Count != 2 || TypeCoercion.CommonType(types[0], types[1], RuleSet.Postgres) is not { } type)
            return null;
        return type.Kind switch
        {
            SqlTypeKind.SmallInt or SqlTypeKind.Integer =>
                new([SqlType.Integer, SqlType.Integer], SqlType.Integer, new DelegateKernel((in RowCall call) =>
                {
                    if (DivisorOf(call.Int(0), call.Int(1), isMultiple) is { } value && value <= int.MaxValue)
                        call.Return((int)value);
                    else
                        call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "integer out of range");
                })),
            SqlTypeKind.BigInt => new([type, type], type, new DelegateKernel((in RowCall call) =>
            {
                if (DivisorOf(call.Long(0), call.Long(1), isMultiple) is { } value && value <= long.MaxValue)
                    call.Return((long)value);
                else
                    call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "bigint out of range");
            })),
            _ => null,
        };
    }

    // Null where the multiple has no room.
    private static Int128? DivisorOf(Int128 left, Int128 right, bool isMultiple)
    {
        var (a, b) = (Int128.Abs(left), Int128.Abs(right));
        while (b != 0)
            (a, b) = (b, a % b);
        if (!isMultiple || a == 0)
            return a;
        var multiple = Int128.Abs(left) / a;
        return multiple == 0 || Int128.Abs(right) <= DecimalMath.PowerOfTen(SqlType.MaxPrecision) / multiple
            ? multiple * Int128.Abs(right) : null;
    }

    private static ScalarBinding? BindBucket(IReadOnlyList<SqlType> types)
    {
        if (types is [var value, { Kind: SqlTypeKind.Array } bounds]
            && TypeCoercion.CommonType(value, bounds.Element!, RuleSet.Postgres) is { } element)
            return new([element, SqlType.ArrayOf(element)], SqlType.Integer, new DelegateKernel(PlaceInArray));
        if (types.Count != 4 || !TypeCoercion.CanImplicitlyCast(types[3], SqlType.Integer, RuleSet.Postgres))
            return null;
        return types.Take(3).All(static type => TypeCoercion.CanImplicitlyCast(type, SqlType.Double, RuleSet.Postgres))
            ? new([SqlType.Double, SqlType.Double, SqlType.Double, SqlType.Integer], SqlType.Integer, new DelegateKernel(BucketOfDoubles))
            : null;
    }

    private static void BucketOfDoubles(in RowCall call)
    {
        for (var i = 0; i < 3; i++)
        {
            if (double.IsFinite(call.Double(i)) || (i == 0 && !double.IsNaN(call.Double(i))))
                continue;
            call.Fail(PostgresErrorCodes.InvalidArgumentForWidthBucketFunction, i > 0
                && !double.IsNaN(call.Double(i)) ? "lower and upper bounds must be finite"
                : "operand, lower bound, and upper bound cannot be NaN");
            return;
        }

        Bucket(call, call.Double(0), call.Double(1), call.Double(2));
    }

    private static void Bucket<T>(in RowCall call, T value, T low, T high)
        where T : System.Numerics.INumber<T>
    {
        var count = call.Int(3);
        if (count <= 0 || low == high)
        {
            call.Fail(PostgresErrorCodes.InvalidArgumentForWidthBucketFunction,
                count <= 0 ? "count must be greater than zero" : "lower bound cannot equal upper bound");
            return;
        }

        // Bounds that fall are those of the negative numbers, rising.
        if (low > high)
            (value, low, high) = (-value, -low, -high);
        if (value < low)
            call.Return(0);
        else if (value >= high)
            call.Return(checked(count + 1));
        else
            call.Return(Math.Min(count, int.CreateTruncating((value - low) * T.CreateChecked(count) / (high - low)) + 1));
    }

    private static void PlaceInArray(in RowCall call)
    {
        var (array, value) = ((ArrayColumn)call.Argument(1), call.Argument(0));
        var row = array.Physical(call.Row);
        var (low, high) = (0, array.Lengths[row]);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ColumnValue.Compare(value, call.Row, array.Elements, array.Starts[row] + middle) < 0)
                high = middle;
            else
                low = middle + 1;
        }

        call.Return(low);
    }

    private static void ReturnAbsolute(in RowCall call, int value, int max, string typeName)
    {
        if (value < -max)
            call.Fail(PostgresErrorCodes.NumericValueOutOfRange, typeName + " out of range");
        else
            call.Return(Math.Abs(value));
    }

    private static void AbsoluteLong(in RowCall call)
    {
        if (call.Long(0) == long.MinValue)
            call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "bigint out of range");
        else
            call.Return(Math.Abs(call.Long(0)));
    }
}

using StreamSQL.Data.Functions.Aggregates;
using StreamSQL.Data.Functions.Conditional;
using StreamSQL.Data.Functions.DatesAndTimes;
using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Functions.Nested;
using StreamSQL.Data.Functions.Numeric;
using StreamSQL.Data.Functions.Operators;
using StreamSQL.Data.Functions.Strings;

namespace StreamSQL.Data.Functions;

/// <summary>The functions and operators that come with the program, family by family.</summary>
public static class BuiltInFunctions
{
    private static readonly Lazy<FunctionRegistry> Shared = new(Create);

    /// <summary>All of them; made when first asked for.</summary>
    public static FunctionRegistry Registry => Shared.Value;

    private static FunctionRegistry Create() => new(
        [
            .. ArithmeticOperators.All(),
            .. ComparisonOperators.All(),
            .. TextOperators.All(),
            .. ConditionalFunctions.All(),
            .. NumericFunctions.All(),
            .. RoundingFunctions.All(),
            .. TextFunctions.All(),
            .. SubstringFunctions.All(),
            .. RegexFunctions.All(),
            .. EncodingFunctions.All(),
            .. JsonFunctions.All(),
            .. DateTimeFunctions.All(),
            .. DateFormatFunctions.All(),
            .. ConstructorFunctions.All(),
            .. ArrayFunctions.All(),
            .. MapFunctions.All(),
            .. QuantifiedFunctions.All(),
        ],
        AggregateFunctions.All());
}

using StreamSQL.Data.Functions.Aggregates;
using StreamSQL.Data.Functions.Conditional;
using StreamSQL.Data.Functions.DatesAndTimes;
using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Functions.Json.Paths;
using StreamSQL.Data.Functions.Lambdas;
using StreamSQL.Data.Functions.Nested;
using StreamSQL.Data.Functions.Numeric;
using StreamSQL.Data.Functions.Operators;
using StreamSQL.Data.Functions.Strings;
using StreamSQL.Data.Functions.Tables;

namespace StreamSQL.Data.Functions;

/// <summary>The functions and operators that come with the program, family by family.</summary>
public static class BuiltInFunctions
{
    /// <summary>All of them.</summary>
    public static FunctionRegistry Registry { get; } =
        new(Scalars(), Aggregates(), ExplodeFunctions.All().Concat(PostgresTableFunctions.All()), LambdaFunctions.All());

    private static IEnumerable<ScalarFunction> Scalars()
    {
        Func<IEnumerable<ScalarFunction>>[] families =
        [
            PostgresArithmetic.All,
            NumericOperators.All,
            BitOperators.All,
            NumericFunctionsOfDecimals.All,
            NumericMathFunctions.All,
            PostgresNumericFunctions.All,
            PostgresMathFunctions.All,
            NumberFormatFunctions.All,
            ArithmeticOperators.All,
            JsonbComparisons.All,
            ComparisonOperators.All,
            TextOperators.All,
            ConditionalFunctions.All,
            NumericFunctions.All,
            RoundingFunctions.All,
            PostgresRegexFunctions.All,
            SimilarFunctions.All,
            PostgresCharacterFunctions.All,
            TextFunctions.All,
            SubstringFunctions.All,
            MaskFunctions.All,
            RegexFunctions.All,
            EncodingFunctions.All,
            UrlFunctions.All,
            PostgresJsonFunctions.All,
            JsonFunctions.All,
            JsonBuildFunction.All,
            PostgresDateFunctions.All,
            FieldFunctions.All,
            TemplateFunctions.All,
            MakeFunctions.All,
            DateTimeFunctions.All,
            DateFormatFunctions.All,
            ConstructorFunctions.All,
            ArrayTextFunctions.All,
            ArrayFunctions.All,
            ArrayBoundFunctions.All,
            PostgresArrayFunctions.All,
            MapFunctions.All,
            QuantifiedFunctions.All,
            JsonOperators.All,
            JsonbChanges.All,
            JsonPathFunctions.All,
            PostgresTextFunctions.All,
            ByteFunctions.All,
        ];
        foreach (var family in families)
        {
            foreach (var function in family())
                yield return function;
        }
    }

    private static IEnumerable<AggregateFunction> Aggregates()
    {
        foreach (var function in AggregateFunctions.All().Concat(PostgresAggregates.All()))
            yield return function;
    }
}

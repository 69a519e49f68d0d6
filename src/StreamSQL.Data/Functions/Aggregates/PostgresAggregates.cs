using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>Aggregates that PostgreSQL has and ksqlDB has not: of bits and booleans, statistics, JSON, ordered sets.</summary>
internal static class PostgresAggregates
{
    public static IEnumerable<AggregateFunction> All() =>
    [
        Bits("BIT_AND", "The bits that are set in all values.", static () => new FoldState<int, BitAnd<int>>("BIT_AND", default, false),
            static () => new FoldState<long, BitAnd<long>>("BIT_AND", default, false)),
        Bits("BIT_OR", "The bits that are set in any value.", static () => new FoldState<int, BitOr<int>>("BIT_OR", default, false),
            static () => new FoldState<long, BitOr<long>>("BIT_OR", default, false)),
        Bits("BIT_XOR", "The bits that are set in an odd number of values.",
            static () => new FoldState<int, BitXor<int>>("BIT_XOR", default, false),
            static () => new FoldState<long, BitXor<long>>("BIT_XOR", default, false)),
        Booleans("BOOL_AND", "Whether all values are true.", static () => new FoldState<byte, BitAnd<byte>>("BOOL_AND", default, false)),
        Booleans("EVERY", "Whether all values are true.", static () => new FoldState<byte, BitAnd<byte>>("EVERY", default, false)),
        Booleans("BOOL_OR", "Whether any value is true.", static () => new FoldState<byte, BitOr<byte>>("BOOL_OR", default, false)),
        Deviation("VAR_POP", "The variance of a population.", isSample: false, isRoot: false),
        Deviation("VAR_SAMP", "The variance of a sample.", isSample: true, isRoot: false),
        Deviation("VARIANCE", "The variance of a sample.", isSample: true, isRoot: false),
        Deviation("STDDEV_POP", "The standard deviation of a population.", isSample: false, isRoot: true),
        Deviation("STDDEV", "The standard deviation of a sample.", isSample: true, isRoot: true),
        Regression("CORR", RegressionKind.Correlation, "Pearson's correlation of pairs; NULL where there is none."),
        Regression("COVAR_POP", RegressionKind.PopulationCovariance, "The covariance of a population."),
        Regression("COVAR_SAMP", RegressionKind.SampleCovariance, "The covariance of a sample."),
        Regression("REGR_AVGX", RegressionKind.AverageX, "The average of x over pairs."),
        Regression("REGR_AVGY", RegressionKind.AverageY, "The average of y over pairs."),
        Regression("REGR_COUNT", RegressionKind.Count, "How many pairs have no NULL."),
        Regression("REGR_INTERCEPT", RegressionKind.Intercept, "Where the line of least squares meets x = 0."),
        Regression("REGR_R2", RegressionKind.Determination, "The square of the correlation."),
        Regression("REGR_SLOPE", RegressionKind.Slope, "The slope of the line of least squares."),
        Regression("REGR_SXX", RegressionKind.SquaresX, "The sum of squares of x from its average."),
        Regression("REGR_SXY", RegressionKind.Products, "The sum of products of x and y from their averages."),
        Regression("REGR_SYY", RegressionKind.SquaresY, "The sum of squares of y from its average."),
        Json("JSON_AGG", isObject: false, isBinary: false, "All values as a JSON array, NULL too."),
        Json("JSONB_AGG", isObject: false, isBinary: true, "All values as a JSON array, NULL too."),
        Json("JSON_OBJECT_AGG", isObject: true, isBinary: false, "Names and values as a JSON object."),
        Json("JSONB_OBJECT_AGG", isObject: true, isBinary: true, "Names and values as a JSON object, of equal names the last."),
        OrderedSet("PERCENTILE_CONT", "The value at a fraction of the sorted values, between two where need be.",
            "PERCENTILE_CONT(fraction DOUBLE) WITHIN GROUP (ORDER BY number) -> DOUBLE",
            static types => BindPercentile(types, OrderedSetKind.Continuous)),
        OrderedSet("PERCENTILE_DISC", "The first of the sorted values at or behind a fraction of them.",
            "PERCENTILE_DISC(fraction DOUBLE) WITHIN GROUP (ORDER BY value) -> the value's type",
            static types => BindPercentile(types, OrderedSetKind.Discrete)),
        OrderedSet("MODE", "The value that comes most often, the first of them.",
            "MODE() WITHIN GROUP (ORDER BY value) -> the value's type", BindMode),
    ];

    private static ComputedAggregate Bits(string name, string description, Func<AggregateState> ofIntegers, Func<AggregateState> ofLongs) =>
        new(name, description, [$"{name}(number) -> the number's type"], (types, _) => types is not [{ } type] ? null : type.Kind switch
        {
            SqlTypeKind.SmallInt or SqlTypeKind.Integer =>
                new([SqlType.Integer], SqlType.Integer, CanRetract: false, ofIntegers) { MergesExactly = true, IsPlain = true },
            SqlTypeKind.BigInt => new([type], type, CanRetract: false, ofLongs) { MergesExactly = true, IsPlain = true },
            _ => null,
        });

    private static ComputedAggregate Booleans(string name, string description, Func<AggregateState> create) =>
        new(name, description, [$"{name}(BOOLEAN) -> BOOLEAN"],
            (types, _) => types is [{ Kind: SqlTypeKind.Boolean or SqlTypeKind.Unknown }]
            ? new([SqlType.Boolean], SqlType.Boolean, CanRetract: false, create) { MergesExactly = true, IsPlain = true } : null);

    private static ComputedAggregate Deviation(string name, string description, bool isSample, bool isRoot) =>
        new(name, description, [$"{name}(number) -> DOUBLE, or numeric of exact numbers in a bounded SELECT"],
            (types, rules) => BindDeviation(types, rules, isSample, isRoot));

    /// <summary>Variance and standard deviation: exact of exact numbers, under PostgreSQL's rules.</summary>
    public static AggregateBinding? BindDeviation(IReadOnlyList<SqlType> types, RuleSet rules, bool isSample, bool isRoot)
    {
        if (types is not [{ IsNumeric: true } type])
            return null;
        if (rules == RuleSet.Ksql || type.Kind is SqlTypeKind.Double or SqlTypeKind.Real)
            return new([SqlType.Double], SqlType.Double, CanRetract: true,
                () => new DeviationState(rules == RuleSet.Ksql, isSample, isRoot));
        var argument = type.Kind == SqlTypeKind.SmallInt ? SqlType.Integer : type;
        return argument.Kind == SqlTypeKind.Numeric
            ? new([argument], argument, CanRetract: false, () => new NumericDeviationState(isSample, isRoot)) { MergesExactly = true }
            : new([argument], SqlType.Numeric, CanRetract: true, () => new ExactDeviationState(argument.Scale, isSample, isRoot))
                { MergesExactly = true };
    }

    private static ComputedAggregate Regression(string name, RegressionKind kind, string description)
    {
        var result = kind == RegressionKind.Count ? SqlType.BigInt : SqlType.Double;
        return new(name, description, [$"{name}(y number, x number) -> {result}"], (types, _) =>
            types is [{ IsNumeric: true }, { IsNumeric: true }]
                ? new([SqlType.Double, SqlType.Double], result, CanRetract: false, () => new RegressionState(kind)) : null);
    }

    private static ComputedAggregate Json(string name, bool isObject, bool isBinary, string description) =>
        new(name, description, [isObject ? $"{name}(name, value) -> JSON" : $"{name}(value) -> JSON"],
            (types, _) => types.Count != (isObject ? 2 : 1) ? null
            : new([.. types.Select(static type => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type)],
                isBinary ? SqlType.Jsonb : SqlType.Json, CanRetract: false,
                () => new JsonListState(isObject, isBinary)) { HoldsRows = true });

    private static ComputedAggregate OrderedSet(string name, string description, string signature,
        Func<IReadOnlyList<SqlType>, AggregateBinding?> bind) =>
        new(name, description, [signature], (types, _) => bind(types), orderedSet: true);

    private static AggregateBinding? BindPercentile(IReadOnlyList<SqlType> types, OrderedSetKind kind)
    {
        if (types.Count != 2)
            return null;
        SqlType? fraction = types[0] switch
        {
            { IsNumeric: true } or { Kind: SqlTypeKind.Unknown } => SqlType.Double,
            { Kind: SqlTypeKind.Array, Element.IsNumeric: true } => SqlType.ArrayOf(SqlType.Double),
            _ => null,
        };
        var value = kind == OrderedSetKind.Discrete ? Known(types[1]) : types[1] is { IsNumeric: true }
            ? SqlType.Double : types[1].Kind == SqlTypeKind.Interval ? types[1] : null;
        if (fraction is null || value is null)
            return null;
        var result = fraction.Kind == SqlTypeKind.Array ? SqlType.ArrayOf(value) : value;
        return new([fraction, value], result, CanRetract: false, () => new OrderedSetState(kind, value, fraction)) { HoldsRows = true };
    }

    private static AggregateBinding? BindMode(IReadOnlyList<SqlType> types)
    {
        if (types.Count != 1)
            return null;
        var value = Known(types[0]);
        return new([value], value, CanRetract: false, () => new OrderedSetState(OrderedSetKind.Mode, value, null)) { HoldsRows = true };
    }

    private static SqlType Known(SqlType type) => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type;
}

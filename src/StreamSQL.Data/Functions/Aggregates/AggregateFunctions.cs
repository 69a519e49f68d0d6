using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>An aggregate function whose state is chosen by the argument types.</summary>
internal sealed class ComputedAggregate(
    string name, string description, string[] signatures, Func<IReadOnlyList<SqlType>, RuleSet, AggregateBinding?> bind,
    bool orderedSet = false)
    : AggregateFunction
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override FunctionDoc Doc => FunctionDocs.Create("Aggregate", description, signatures, []);

    /// <inheritdoc/>
    public override bool IsOrderedSet => orderedSet;

    /// <inheritdoc/>
    public override AggregateBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) => bind(arguments, rules);
}

/// <summary>The aggregate functions. Null arguments are skipped, except by COLLECT_LIST and COLLECT_SET.</summary>
/// <remarks>
/// ksqlDB's rules: SUM has its argument's type and is 0 without values, AVG is DOUBLE and 0 without values. PostgreSQL's: SUM is wider than
/// its argument, AVG of exact numbers is exact with at least 16 digits that count, both are NULL without values.
/// </remarks>
internal static class AggregateFunctions
{
    // Sums of so many digits have room in 38 for ten billion values.
    private const int MaxSummedPrecision = 28;

    public static IEnumerable<AggregateFunction> All() =>
    [
        new ComputedAggregate("COUNT", "How many rows; with an argument, how many where it is not NULL.",
            ["COUNT(*) -> BIGINT", "COUNT(value) -> BIGINT"], BindCount),
        new ComputedAggregate("SUM", "The sum.", ["SUM(number) -> number"], BindSum),
        new ComputedAggregate("AVG", "The average.", ["AVG(number) -> DOUBLE, or numeric of exact numbers in a bounded SELECT"],
            BindAverage),
        new ComputedAggregate("MIN", "The smallest value.", ["MIN(value) -> the value's type"],
            static (arguments, _) => BindExtreme(arguments, largest: false)),
        new ComputedAggregate("MAX", "The largest value.", ["MAX(value) -> the value's type"],
            static (arguments, _) => BindExtreme(arguments, largest: true)),
        new ComputedAggregate("LATEST_BY_OFFSET",
            "The value of the last row, or the last n values. NULL is skipped unless the flag is false.",
            OffsetSignatures("LATEST_BY_OFFSET"),
            static (arguments, _) => BindOffset(arguments, latest: true)),
        new ComputedAggregate("EARLIEST_BY_OFFSET",
            "The value of the first row, or the first n values. NULL is skipped unless the flag is false.",
            OffsetSignatures("EARLIEST_BY_OFFSET"),
            static (arguments, _) => BindOffset(arguments, latest: false)),
        new ComputedAggregate("COLLECT_LIST", "All values in order of arrival, NULL too.", ["COLLECT_LIST(value) -> ARRAY"],
            static (arguments, _) => BindCollect(arguments, CollectKind.List)),
        new ComputedAggregate("COLLECT_SET", "The different values in order of arrival, NULL too.", ["COLLECT_SET(value) -> ARRAY"],
            static (arguments, _) => BindCollect(arguments, CollectKind.Set)),
        new ComputedAggregate("ARRAY_AGG", "All values in order of arrival, NULL too.", ["ARRAY_AGG(value) -> ARRAY"],
            static (arguments, rules) => BindCollect(arguments, rules == RuleSet.Postgres ? CollectKind.Array : CollectKind.List)),
        new ComputedAggregate("STRING_AGG", "The values as one text, a delimiter between them.",
            ["STRING_AGG(value VARCHAR, delimiter VARCHAR) -> VARCHAR"], BindTextList),
        new ComputedAggregate("TOPK",
            "The n largest values, largest first; with the values of other columns in their rows, if there are any.", TopSignatures("TOPK"),
            static (arguments, _) => BindTop(arguments, distinct: false)),
        new ComputedAggregate("TOPKDISTINCT",
            "The n largest different values, largest first; with the values of other columns in their first rows, if there are any.",
            TopSignatures("TOPKDISTINCT"), static (arguments, _) => BindTop(arguments, distinct: true)),
        new ComputedAggregate("ATTR", "The value that all rows have, NULL too; NULL where they have several.",
            ["ATTR(value) -> the value's type"], BindAttribute),
        new ComputedAggregate("HISTOGRAM", $"How often each text is there, of at most {CountedState.MaxHistogramValues} different ones.",
            ["HISTOGRAM(VARCHAR) -> MAP<VARCHAR, BIGINT>"], BindHistogram),
        new ComputedAggregate("CORRELATION", "Pearson's correlation of pairs; NaN where there is none.",
            ["CORRELATION(number, number) -> DOUBLE"], BindCorrelation),
        new ComputedAggregate("SUM_LIST", "The sum of the elements of all arrays.", ["SUM_LIST(ARRAY<number>) -> number"], BindSumList),
        new ComputedAggregate("STDDEV_SAMP", "The standard deviation of a sample.", ["STDDEV_SAMP(number) -> DOUBLE"], BindDeviation),
        new ComputedAggregate("STDDEV_SAMPLE", "The standard deviation of a sample.", ["STDDEV_SAMPLE(number) -> DOUBLE"], BindDeviation),
        new ComputedAggregate("COUNT_DISTINCT", "How many different values, exactly.", ["COUNT_DISTINCT(value) -> BIGINT"],
            static (arguments, _) => BindCollect(arguments, CollectKind.CountDistinct)),
    ];

    private static string[] OffsetSignatures(string name) =>
        [$"{name}(value [, ignoreNulls BOOLEAN]) -> the value's type", $"{name}(value, n INTEGER [, ignoreNulls BOOLEAN]) -> ARRAY"];

    private static string[] TopSignatures(string name) =>
        [$"{name}(value, n INTEGER) -> ARRAY", $"{name}(value, column, ..., n INTEGER) -> ARRAY<STRUCT<sort_col, col0, ...>>"];

    private static AggregateBinding? BindAttribute(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count != 1)
            return null;
        var type = arguments[0].Kind == SqlTypeKind.Unknown ? SqlType.Varchar : arguments[0];
        return new([type], type, CanRetract: true, () => new CountedState(type, isHistogram: false));
    }

    private static AggregateBinding? BindHistogram(IReadOnlyList<SqlType> arguments, RuleSet rules) => arguments.Count == 1
        && TypeCoercion.IsText(arguments[0])
        ? new([SqlType.Varchar], SqlType.MapOf(SqlType.Varchar, SqlType.BigInt), CanRetract: true,
            static () => new CountedState(SqlType.Varchar, isHistogram: true))
        : null;

    private static AggregateBinding? BindCorrelation(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        arguments is [{ IsNumeric: true }, { IsNumeric: true }]
        ? new([SqlType.Double, SqlType.Double], SqlType.Double, CanRetract: true, static () => new CorrelationState())
        : null;

    private static AggregateBinding? BindSumList(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments is not [{ Kind: SqlTypeKind.Array, Element: { IsNumeric: true } element }]
            || BindSum([element], rules) is not { } sum)
            return null;
        return sum with
        {
            ParameterTypes = [SqlType.ArrayOf(sum.ParameterTypes[0])],
            CreateState = () => new SumListState(sum.CreateState(), sum.ParameterTypes[0], sum.ResultType),
        };
    }

    private static AggregateBinding? BindCount(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        arguments.Count <= 1 ? new([.. arguments], SqlType.BigInt, CanRetract: true, static () => new CountState())
            { MergesExactly = true, IsPlain = true, IsDifference = true } : null;

    private static AggregateBinding? BindTextList(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        arguments.Count == 2 && TypeCoercion.IsText(arguments[0]) && TypeCoercion.IsText(arguments[1])
            ? new([SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, CanRetract: false, static () => new TextListState())
                { HoldsRows = true }
            : rules == RuleSet.Postgres && arguments is [{ Kind: SqlTypeKind.Bytes }, { Kind: SqlTypeKind.Bytes or SqlTypeKind.Unknown }]
            ? new([SqlType.Bytes, SqlType.Bytes], SqlType.Bytes, CanRetract: false, static () => new TextListState()) { HoldsRows = true }
            : null;

    private static AggregateBinding? BindSum(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count != 1)
            return null;
        var zero = rules == RuleSet.Ksql;
        return (arguments[0].Kind, rules) switch
        {
            (SqlTypeKind.Integer or SqlTypeKind.SmallInt, RuleSet.Ksql) =>
                Retractable(SqlType.Integer, () => new FoldState<int, SumInteger<int>>("SUM", default, zero)),
            (SqlTypeKind.BigInt, RuleSet.Ksql) or (SqlTypeKind.Integer or SqlTypeKind.SmallInt, RuleSet.Postgres) =>
                Retractable(SqlType.BigInt, () => new FoldState<long, SumInteger<long>>("SUM", default, zero)),
            (SqlTypeKind.Double or SqlTypeKind.Real, _) =>
                Retractable(arguments[0], () => new FoldState<double, SumDouble>("SUM", default, zero)),
            (SqlTypeKind.Decimal, RuleSet.Ksql) => SumOfDecimal(arguments[0], zero),
            (SqlTypeKind.Decimal, _) when arguments[0].Precision > MaxSummedPrecision => OfNumeric(SqlType.Numeric, isAverage: false),
            (SqlTypeKind.Numeric, _) => OfNumeric(SqlType.Numeric, isAverage: false),
            (SqlTypeKind.Decimal, _) => SumOfDecimal(SqlType.Decimal(SqlType.MaxPrecision, arguments[0].Scale), zero),
            (SqlTypeKind.BigInt, _) => Retractable(SqlType.Decimal(SqlType.MaxPrecision, 0), static () => new WideSumState()) with
            {
                ParameterTypes = [SqlType.BigInt],
            },
            (SqlTypeKind.Interval, _) => Retractable(SqlType.Interval, () => new FoldState<Interval, SumInterval>("SUM", default, zero)),
            _ => null,
        };
    }

    private static AggregateBinding OfNumeric(SqlType argument, bool isAverage) =>
        new([argument], SqlType.Numeric, CanRetract: false, () => new NumericSumState(isAverage)) { MergesExactly = true };

    private static AggregateBinding SumOfDecimal(SqlType type, bool zero) =>
        Retractable(type, () => new FoldState<Int128, SumDecimal>("SUM", new SumDecimal(type.Precision), zero));

    private static AggregateBinding? BindAverage(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count != 1)
            return null;
        var type = arguments[0].Kind switch { SqlTypeKind.SmallInt => SqlType.Integer, SqlTypeKind.Real => SqlType.Double,
            _ => arguments[0] };
        var zero = rules == RuleSet.Ksql;
        if (!zero && (type.Kind == SqlTypeKind.Numeric || (type.Kind == SqlTypeKind.Decimal && type.Precision > MaxSummedPrecision)))
            return OfNumeric(SqlType.Numeric, isAverage: true);
        var scale = type.Scale;
        var result = type.Kind == SqlTypeKind.Interval ? type : zero || type.Kind == SqlTypeKind.Double ? SqlType.Double : SqlType.Numeric;
        Func<AggregateState>? create = type.Kind switch
        {
            SqlTypeKind.Integer => () => new AverageState<int, long, AverageInt32>(scale, zero),
            SqlTypeKind.BigInt => () => new AverageState<long, Int128, AverageInt64>(scale, zero),
            SqlTypeKind.Decimal => () => new AverageState<Int128, Int128, AverageDecimal>(scale, zero),
            SqlTypeKind.Double => () => new AverageState<double, double, AverageDouble>(scale, zero),
            SqlTypeKind.Interval => static () => new IntervalAverageState(),
            _ => null,
        };
        return create is null ? null : new([type], result, CanRetract: true, create) { MergesExactly = type.Kind != SqlTypeKind.Double };
    }

    private static AggregateBinding? BindExtreme(IReadOnlyList<SqlType> arguments, bool largest)
    {
        if (arguments.Count != 1)
            return null;
        var type = arguments[0].Kind == SqlTypeKind.Unknown ? SqlType.Varchar : arguments[0];
        Func<AggregateState>? create = type.Physical switch
        {
            PhysicalKind.Int32 => Extreme<int>(largest),
            PhysicalKind.Int64 => Extreme<long>(largest),
            PhysicalKind.Double => Extreme<double>(largest),
            PhysicalKind.Int128 => Extreme<Int128>(largest),
            PhysicalKind.Interval when largest => static () => new FoldState<Interval, LargestInterval>("MAX", default, emptyIsZero: false),
            PhysicalKind.Interval => static () => new FoldState<Interval, SmallestInterval>("MIN", default, emptyIsZero: false),
            PhysicalKind.Bytes => () => new TextExtremeState(largest ? 1 : -1, type.Kind == SqlTypeKind.Numeric),
            _ => null,
        };
        return create is null ? null : new([type], type, CanRetract: false, create)
            { MergesExactly = type.Physical != PhysicalKind.Double, IsPlain = true };
    }

    private static Func<AggregateState> Extreme<T>(bool largest)
        where T : unmanaged, System.Numerics.INumber<T> => largest
        ? static () => new FoldState<T, Largest<T>>("MAX", default, emptyIsZero: false)
        : static () => new FoldState<T, Smallest<T>>("MIN", default, emptyIsZero: false);

    private static AggregateBinding? BindOffset(IReadOnlyList<SqlType> arguments, bool latest)
    {
        if (arguments.Count is < 1 or > 3)
            return null;
        var type = arguments[0].Kind == SqlTypeKind.Unknown ? SqlType.Varchar : arguments[0];
        var asArray = arguments.Count > 1 && arguments[1].Kind == SqlTypeKind.Integer;
        var flag = asArray ? 2 : 1;
        if (arguments.Count > flag + 1 || (arguments.Count > flag && arguments[flag].Kind != SqlTypeKind.Boolean))
            return null;
        SqlType[] parameters = [type, .. arguments.Skip(1)];
        if (asArray)
        {
            return new(parameters, SqlType.ArrayOf(type), CanRetract: false, () => new OffsetListState(latest, asArray: true))
                { Constants = [.. Enumerable.Range(1, arguments.Count - 1)] };
        }

        return new AggregateBinding(parameters, type, CanRetract: false, type.Physical switch
        {
            PhysicalKind.Boolean => () => new OffsetState<byte>(latest),
            PhysicalKind.Int32 => () => new OffsetState<int>(latest),
            PhysicalKind.Int64 => () => new OffsetState<long>(latest),
            PhysicalKind.Double => () => new OffsetState<double>(latest),
            PhysicalKind.Int128 => () => new OffsetState<Int128>(latest),
            PhysicalKind.Interval => () => new OffsetState<Interval>(latest),
            _ => () => new OffsetListState(latest, asArray: false),
        }) { Constants = [.. Enumerable.Range(1, arguments.Count - 1)] };
    }

    private static AggregateBinding? BindCollect(IReadOnlyList<SqlType> arguments, CollectKind kind)
    {
        if (arguments.Count != 1)
            return null;
        var type = arguments[0].Kind == SqlTypeKind.Unknown ? SqlType.Varchar : arguments[0];
        var result = kind == CollectKind.CountDistinct ? SqlType.BigInt : SqlType.ArrayOf(type);
        AggregateBinding Limited(int limit) => new([type], result, CanRetract: kind is CollectKind.List or CollectKind.Array,
            () => new CollectState(type, kind, limit)) { HoldsRows = true };
        return kind is CollectKind.CountDistinct or CollectKind.Array
            ? Limited(int.MaxValue) : Limited(int.MaxValue) with { WithLimit = Limited };
    }

    private static AggregateBinding? BindTop(IReadOnlyList<SqlType> arguments, bool distinct)
    {
        if (arguments.Count < 2 || arguments[0].IsNested || arguments[0].Kind == SqlTypeKind.Unknown
            || arguments[^1].Kind != SqlTypeKind.Integer)
            return null;
        SqlType[] columns = [.. arguments.SkipLast(1).Select(static type => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type)];
        var type = columns.Length == 1
            ? columns[0]
            : SqlType.StructOf([.. columns.Select(static (column, i) => new StructField(i == 0 ? "sort_col" : $"col{i - 1}", column))]);
        return new([.. columns, SqlType.Integer], SqlType.ArrayOf(type), CanRetract: false, () => new TopState(type, distinct))
            { Constants = [columns.Length] };
    }

    private static AggregateBinding? BindDeviation(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        PostgresAggregates.BindDeviation(arguments, rules, isSample: true, isRoot: true);

    private static AggregateBinding Retractable(SqlType type, Func<AggregateState> create) =>
        new([type], type, CanRetract: true, create)
        { MergesExactly = type.Kind != SqlTypeKind.Double, IsPlain = true,
            IsDifference = type.Physical is PhysicalKind.Int64 or PhysicalKind.Int128 };
}

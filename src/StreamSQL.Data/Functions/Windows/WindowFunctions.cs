using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Windows;

/// <summary>The window functions of PostgreSQL. The engine's window operator computes them over the rows of a partition.</summary>
internal static class WindowFunctions
{
    public static IEnumerable<WindowFunction> All() =>
    [
        Plain("ROW_NUMBER", WindowFunctionKind.RowNumber, SqlType.BigInt, "The number of the row in its partition, from 1."),
        Plain("RANK", WindowFunctionKind.Rank, SqlType.BigInt, "The number of the row's first peer, from 1."),
        Plain("DENSE_RANK", WindowFunctionKind.DenseRank, SqlType.BigInt, "The number of the row's group of peers, from 1."),
        Plain("PERCENT_RANK", WindowFunctionKind.PercentRank, SqlType.Double,
            "(rank - 1) / (rows of the partition - 1); 0 in a partition of one row."),
        Plain("CUME_DIST", WindowFunctionKind.CumulativeDistribution, SqlType.Double,
            "The part of the partition that is before the row or its peer."),
        new Function("NTILE", "Which of n buckets of equal size the row falls in, from 1.", ["NTILE(n INTEGER) -> INTEGER"],
            static (types, rules) =>
            types.Count == 1 && IsNumber(types[0], rules) ? new(WindowFunctionKind.Ntile, [SqlType.Integer], SqlType.Integer) : null),
        Neighbour("LAG", WindowFunctionKind.Lag, "before"),
        Neighbour("LEAD", WindowFunctionKind.Lead, "after"),
        new Function("FIRST_VALUE", "The value in the frame's first row.", ["FIRST_VALUE(value) -> the value's type"], static (types, _) =>
            types.Count == 1 ? OfValue(WindowFunctionKind.FirstValue, types[0]) : null),
        new Function("LAST_VALUE", "The value in the frame's last row.", ["LAST_VALUE(value) -> the value's type"], static (types, _) =>
            types.Count == 1 ? OfValue(WindowFunctionKind.LastValue, types[0]) : null),
        new Function("NTH_VALUE", "The value in the frame's n-th row, from 1; NULL where there is none.",
            ["NTH_VALUE(value, n INTEGER) -> the value's type"],
            static (types, rules) => types.Count == 2
                && IsNumber(types[1], rules) ? OfValue(WindowFunctionKind.NthValue, types[0], SqlType.Integer) : null),
    ];

    private static Function Plain(string name, WindowFunctionKind kind, SqlType result, string description) =>
        new(name, description, [$"{name}() -> {result}"], (types, _) => types.Count == 0 ? new(kind, [], result) : null);

    private static Function Neighbour(string name, WindowFunctionKind kind, string where) => new(
        name, $"The value in the row that many rows (1 unless given) {where} this one in the partition; the default, or NULL, where " +
            "there is none.",
        [$"{name}(value [, offset INTEGER [, default]]) -> the value's type"], (types, rules) => BindNeighbour(kind, types, rules));

    private static WindowFunctionBinding? BindNeighbour(WindowFunctionKind kind, IReadOnlyList<SqlType> types, RuleSet rules)
    {
        if (types.Count is < 1 or > 3 || (types.Count > 1 && !IsNumber(types[1], rules)))
            return null;
        var value = types.Count == 3 ? TypeCoercion.CommonType(types[0], types[2], rules) : types[0];
        if (value is null)
            return null;
        var binding = OfValue(kind, value, [.. types.Skip(1).Take(1).Select(static _ => SqlType.Integer)]);
        return types.Count == 3 ? binding with { ParameterTypes = [.. binding.ParameterTypes, binding.ResultType] } : binding;
    }

    private static WindowFunctionBinding OfValue(WindowFunctionKind kind, SqlType type, params SqlType[] more)
    {
        var known = type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type;
        return new(kind, [known, .. more], known);
    }

    private static bool IsNumber(SqlType type, RuleSet rules) =>
        type.Kind is SqlTypeKind.Unknown or SqlTypeKind.SmallInt || TypeCoercion.CanImplicitlyCast(type, SqlType.Integer, rules);

    private sealed class Function(
        string name, string description, string[] signatures, Func<IReadOnlyList<SqlType>, RuleSet, WindowFunctionBinding?> bind)
        : WindowFunction
    {
        public override string Name => name;

        public override FunctionDoc Doc { get; } = FunctionDocs.Create("Window", description, signatures, []);

        public override WindowFunctionBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) => bind(arguments, rules);
    }
}

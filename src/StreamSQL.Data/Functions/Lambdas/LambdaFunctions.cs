using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Lambdas;

/// <summary>TRANSFORM, FILTER and REDUCE of arrays and maps.</summary>
internal static class LambdaFunctions
{
    public static IEnumerable<LambdaFunction> All() => [new Transform(), new Filter(), new Reduce()];

    private static IReadOnlyList<SqlType>? ElementTypes(SqlType collection) => collection.Kind switch
    {
        SqlTypeKind.Array => [collection.Element!],
        SqlTypeKind.Map => [collection.Key!, collection.Element!],
        _ => null,
    };

    private static SqlType Settled(SqlType type) => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type;

    private sealed class Transform : LambdaFunction
    {
        /// <inheritdoc/>
        public override string Name => "TRANSFORM";

        /// <inheritdoc/>
        public override FunctionDoc Doc => FunctionDocs.Create(
            "Lambda",
            "Applies a lambda to every element of an array, or one to the keys and one to the values of a map; of equal new keys the " +
                "last wins. NULL of NULL.",
            ["TRANSFORM(ARRAY<T>, x => U) -> ARRAY<U>", "TRANSFORM(MAP<K, V>, (k, v) => L, (k, v) => W) -> MAP<L, W>"],
            [("TRANSFORM(ARRAY[1, 2, 3], x => x * 10)", "[10, 20, 30]"),
                ("TRANSFORM(MAP('a' := 1), (k, v) => UCASE(k), (k, v) => v + 1)", "{A=2}")]);

        /// <inheritdoc/>
        public override IReadOnlyList<IReadOnlyList<SqlType>>? LambdaParameters(IReadOnlyList<SqlType> arguments, int lambdas) =>
            arguments.Count == 1 && ElementTypes(arguments[0]) is { } types
                && types.Count == lambdas ? [.. Enumerable.Repeat(types, lambdas)] : null;

        /// <inheritdoc/>
        public override LambdaBinding? Bind(IReadOnlyList<SqlType> arguments, IReadOnlyList<SqlType> bodies, RuleSet rules)
        {
            SqlType[] types = [.. bodies.Select(Settled)];
            return arguments[0].Kind == SqlTypeKind.Array
                ? new(arguments, types, SqlType.ArrayOf(types[0]), () => new TransformArrayKernel(arguments[0]))
                : new(arguments, types, SqlType.MapOf(types[0], types[1]), () => new TransformMapKernel(arguments[0]));
        }
    }

    private sealed class Filter : LambdaFunction
    {
        /// <inheritdoc/>
        public override string Name => "FILTER";

        /// <inheritdoc/>
        public override FunctionDoc Doc => FunctionDocs.Create(
            "Lambda", "The elements of an array, or the entries of a map, for which a lambda is true. NULL of NULL.",
            ["FILTER(ARRAY<T>, x => BOOLEAN) -> ARRAY<T>", "FILTER(MAP<K, V>, (k, v) => BOOLEAN) -> MAP<K, V>"],
            [("FILTER(ARRAY[5, 2, 7], x => x > 4)", "[5, 7]"), ("FILTER(MAP('a' := 1, 'b' := 2), (k, v) => v = 2)", "{b=2}")]);

        /// <inheritdoc/>
        public override IReadOnlyList<IReadOnlyList<SqlType>>? LambdaParameters(IReadOnlyList<SqlType> arguments, int lambdas) =>
            arguments.Count == 1 && lambdas == 1 && ElementTypes(arguments[0]) is { } types ? [types] : null;

        /// <inheritdoc/>
        public override LambdaBinding? Bind(IReadOnlyList<SqlType> arguments, IReadOnlyList<SqlType> bodies, RuleSet rules) =>
            bodies[0].Kind is SqlTypeKind.Boolean
                or SqlTypeKind.Unknown ? new(arguments, [SqlType.Boolean], arguments[0], () => new FilterKernel(arguments[0])) : null;
    }

    private sealed class Reduce : LambdaFunction
    {
        /// <inheritdoc/>
        public override string Name => "REDUCE";

        /// <inheritdoc/>
        public override FunctionDoc Doc => FunctionDocs.Create(
            "Lambda", "Goes through an array or a map with a state, which the lambda makes anew from itself and each element. The first " +
                "state for a NULL; NULL where that is NULL.",
            ["REDUCE(ARRAY<T>, S, (state, x) => S) -> S", "REDUCE(MAP<K, V>, S, (state, k, v) => S) -> S"],
            [("REDUCE(ARRAY[1, 2, 3], 0, (s, x) => s + x)", "6"),
                ("REDUCE(MAP('a' := 1, 'b' := 2), '', (s, k, v) => CONCAT(s, k))", "ab")]);

        /// <inheritdoc/>
        public override IReadOnlyList<IReadOnlyList<SqlType>>? LambdaParameters(IReadOnlyList<SqlType> arguments, int lambdas) =>
            arguments.Count == 2 && lambdas == 1 && ElementTypes(arguments[0]) is { } types ? [[Settled(arguments[1]), .. types]] : null;

        /// <inheritdoc/>
        public override LambdaBinding? Bind(IReadOnlyList<SqlType> arguments, IReadOnlyList<SqlType> bodies, RuleSet rules)
        {
            // A state that grows wider than its first value is of the wider type from the start.
            var state = Settled(arguments[1]);
            var type = TypeCoercion.CanImplicitlyCast(bodies[0], state, rules) ? state : TypeCoercion.CommonType(state, bodies[0], rules);
            return type is null ? null : new([arguments[0], type], [type], type, () => new ReduceKernel(arguments[0], type));
        }
    }
}

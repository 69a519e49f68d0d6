using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Json;

/// <summary>How jsonb values compare: by <see cref="JsonbOrder"/>.</summary>
internal static class JsonbComparisons
{
    public static IEnumerable<ScalarFunction> All() =>
    [
        Define("=", static order => order == 0),
        Define("<>", static order => order != 0),
        Define("!=", static order => order != 0),
        Define("<", static order => order < 0),
        Define("<=", static order => order <= 0),
        Define(">", static order => order > 0),
        Define(">=", static order => order >= 0),
    ];

    private static PostgresFunction Define(string symbol, Func<int, bool> test) => new(
        symbol, "Operator", "How two values of jsonb compare.", [$"jsonb {symbol} jsonb -> BOOLEAN"],
        types => types.Count == 2 && types.Any(static type => type.Kind == SqlTypeKind.Jsonb)
            && types.All(static type => type.Kind is SqlTypeKind.Jsonb or SqlTypeKind.Unknown)
            ? new([SqlType.Jsonb, SqlType.Jsonb], SqlType.Boolean, new DelegateKernel((in RowCall call) =>
                call.Return(test(JsonbOrder.Compare(call.Text(0), call.Text(1))))))
            : null);
}

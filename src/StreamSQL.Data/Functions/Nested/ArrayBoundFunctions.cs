using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>PostgreSQL's bounds of an array's dimension. Arrays have one, and begin at 1; an empty one has no bounds.</summary>
internal static class ArrayBoundFunctions
{
    private const string Category = "Array";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Define<Upper>("ARRAY_UPPER", "The number of the last element.", "ARRAY_UPPER(ARRAY[1, 2, 3], 1)", "3"),
        Define<Length>("ARRAY_LENGTH", "How many elements a dimension has.", "ARRAY_LENGTH(ARRAY[1, 2, 3], 1)", "3"),
        Define<Lower>("ARRAY_LOWER", "The number of the first element.", "ARRAY_LOWER(ARRAY[1, 2, 3], 1)", "1"),
    ];

    private static ComputedFunction Define<TFunction>(string name, string description, string expression, string result)
        where TFunction : struct, IRowFunction => new(
            name, Category, description, [$"{name}(array, dimension INTEGER) -> INTEGER"], [(expression, result)], static (arguments, _) =>
                arguments is [{ Kind: SqlTypeKind.Array } array, { Kind: SqlTypeKind.Integer or SqlTypeKind.SmallInt
                    or SqlTypeKind.Unknown }]
                    ? new([array, SqlType.Integer], SqlType.Integer, new RowKernel<TFunction>())
                    : null);

    private static int LengthOf(in RowCall call)
    {
        var array = (ArrayColumn)call.Argument(0);
        return call.Int(1) == 1 ? array.Lengths[array.Physical(call.Row)] : 0;
    }

    /// <summary>The place of an array's first element: the catalog's vectors count from 0.</summary>
    private static int FirstPlace(in RowCall call) => call.Argument(0).Type.IsVector ? 0 : 1;

    private readonly struct Length : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (LengthOf(call) is > 0 and var length)
                call.Return(length);
            else
                call.Result.SetNull(call.Row);
        }
    }

    private readonly struct Upper : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (LengthOf(call) is > 0 and var length)
                call.Return(FirstPlace(call) + length - 1);
            else
                call.Result.SetNull(call.Row);
        }
    }

    private readonly struct Lower : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (LengthOf(call) > 0)
                call.Return(FirstPlace(call));
            else
                call.Result.SetNull(call.Row);
        }
    }
}

using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>The functions that give a row per element of an array, or per combination of its elements.</summary>
internal static class ExplodeFunctions
{
    public static IEnumerable<TableFunction> All() =>
    [
        new ComputedTableFunction("EXPLODE", "A row for each element of an array; none for NULL.", ["EXPLODE(ARRAY<T>) -> T"],
            [("EXPLODE(ARRAY[1, NULL, 3])", "[1, null, 3]")],
            static types => types is [{ Kind: SqlTypeKind.Array } array] ? new([array], array.Element!, new ExplodeKernel()) : null),
        new ComputedTableFunction("CUBE_EXPLODE",
            "A row for each combination of the elements of an array, each of which is there or is NULL; an element that is NULL makes no " +
                "combinations of its own.",
            ["CUBE_EXPLODE(ARRAY<T>) -> ARRAY<T>"],
            [("CUBE_EXPLODE(ARRAY[1, 2])", "[[null, null], [null, 2], [1, null], [1, 2]]"),
                ("CUBE_EXPLODE(ARRAY[NULL, 2])", "[[null, null], [null, 2]]")],
            static types => types is [{ Kind: SqlTypeKind.Array } array] ? new([array], array, new CubeKernel()) : null),
    ];

    /// <summary>A row for each element.</summary>
    internal sealed class ExplodeKernel : TableFunctionKernel
    {
        [ThreadStatic]
        private static int[]? t_places;

        /// <inheritdoc/>
        public override long Count(ReadOnlySpan<Column> arguments, int row, EvaluationErrors errors) =>
            arguments[0].IsNull(row) ? 0 : ((ArrayColumn)arguments[0]).Lengths[arguments[0].Physical(row)];

        /// <inheritdoc/>
        public override void Fill(ReadOnlySpan<Column> arguments, ReadOnlySpan<int> rows, ReadOnlySpan<long> ordinals, Column result)
        {
            var arrays = (ArrayColumn)arguments[0];
            if (t_places is null || t_places.Length < 2 * rows.Length)
                t_places = new int[2 * rows.Length];
            var elements = t_places.AsSpan(0, rows.Length);
            var places = t_places.AsSpan(rows.Length, rows.Length);
            var found = 0;
            for (var i = 0; i < rows.Length; i++)
            {
                var row = arrays.Physical(rows[i]);
                if (arrays.IsNull(row) || ordinals[i] >= arrays.Lengths[row])
                {
                    result.SetNull(i);
                    continue;
                }

                elements[found] = arrays.Starts[row] + (int)ordinals[i];
                places[found++] = i;
            }

            if (found == rows.Length)
                result.Gather(arrays.Elements, elements, 0);
            else
                result.Scatter(arrays.Elements, elements[..found], places[..found]);
        }
    }

    private sealed class CubeKernel : TableFunctionKernel
    {
        // A million rows from one; each value more doubles them.
        private const int MaxValues = 20;

        /// <inheritdoc/>
        public override long Count(ReadOnlySpan<Column> arguments, int row, EvaluationErrors errors)
        {
            if (arguments[0].IsNull(row))
                return 0;
            var arrays = (ArrayColumn)arguments[0];
            var values = Values(arrays, arrays.Physical(row));
            if (values <= MaxValues)
                return 1L << values;
            errors.Report(row, PostgresErrorCodes.ProgramLimitExceeded,
                $"CUBE_EXPLODE takes at most {MaxValues} values that are not NULL, not {values}");
            return 0;
        }

        /// <inheritdoc/>
        public override void Fill(ReadOnlySpan<Column> arguments, ReadOnlySpan<int> rows, ReadOnlySpan<long> ordinals, Column result)
        {
            var arrays = (ArrayColumn)arguments[0];
            var cubes = (ArrayColumn)result;
            for (var i = 0; i < rows.Length; i++)
            {
                var row = arrays.Physical(rows[i]);
                var values = arrays.IsNull(row) ? -1 : Values(arrays, row);
                if (values < 0 || values > MaxValues || ordinals[i] >> values != 0)
                {
                    result.SetNull(i);
                    continue;
                }

                // The first value is the highest bit, so that the last one changes fastest.
                var bit = values;
                var length = arrays.Lengths[row];
                var start = cubes.Allocate(i, length);
                for (var element = 0; element < length; element++)
                {
                    var place = arrays.Starts[row] + element;
                    if (arrays.Elements.IsNull(place) || ((ordinals[i] >> --bit) & 1) == 0)
                        cubes.Elements.SetNull(start + element);
                    else
                        cubes.Elements.CopyRow(arrays.Elements, place, start + element);
                }
            }
        }

        private static int Values(ArrayColumn arrays, int row)
        {
            var values = 0;
            for (var place = arrays.Starts[row]; place < arrays.Starts[row] + arrays.Lengths[row]; place++)
                values += arrays.Elements.IsNull(place) ? 0 : 1;
            return values;
        }
    }
}

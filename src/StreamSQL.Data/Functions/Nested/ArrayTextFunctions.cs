using System.Buffers;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>PostgreSQL's array_to_string: the elements as clients see them, those of arrays in arrays too.</summary>
internal static class ArrayTextFunctions
{
    public static IEnumerable<ScalarFunction> All() =>
    [
        new PostgresFunction("ARRAY_TO_STRING", "Array",
            "The elements as text, a delimiter between them; NULL is left out, or shown as the third text.",
            ["array_to_string(array, VARCHAR [, null VARCHAR]) -> VARCHAR"],
            static types => types is [{ Kind: SqlTypeKind.Array } array, ..] && types.Count is 2 or 3
                && types.Skip(1).All(static type => TypeCoercion.CanImplicitlyCast(type, SqlType.Varchar, RuleSet.Postgres))
                ? new([array, .. types.Skip(1).Select(static _ => SqlType.Varchar)], SqlType.Varchar, new NullableDelegateKernel(Join))
                : null),
    ];

    private static void Join(in RowCall call)
    {
        if (call.IsNull(0) || call.IsNull(1))
        {
            call.ReturnNull();
            return;
        }

        var writer = new ArrayBufferWriter<byte>();
        var count = 0;
        Write(call, (ArrayColumn)call.Argument(0), call.Row, writer, ref count);
        call.Return(writer.WrittenSpan);
    }

    private static void Write(in RowCall call, ArrayColumn array, int row, ArrayBufferWriter<byte> writer, ref int count)
    {
        row = array.Physical(row);
        for (var i = array.Starts[row]; i < array.Starts[row] + array.Lengths[row]; i++)
        {
            var isNull = array.Elements.IsNull(i);
            if (!isNull && array.Elements is ArrayColumn inner)
            {
                Write(call, inner, i, writer, ref count);
                continue;
            }

            if (isNull && (call.Count < 3 || call.IsNull(2)))
                continue;
            if (count++ > 0)
                writer.Write(call.Text(1));
            if (isNull)
                writer.Write(call.Text(2));
            else
                ColumnText.Format(array.Elements, i, writer, TextStyle.Postgres, StatementClock.FormsOf(call.Time));
        }
    }
}

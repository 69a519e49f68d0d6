using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>A literal and true, false or null, read into a BOOLEAN column or skipped.</summary>
internal static unsafe class JsonWordStep
{
    // The words as four bytes, the first in the lowest place.
    private const uint True = 0x65757274;
    private const uint Fals = 0x736C6166;
    private const uint Null = 0x6C6C756E;

    /// <summary>Reads booleans.</summary>
    public static void Read(in JsonRows rows, JsonLiteral literal, JsonValueReader reader, FixedColumn<byte> column)
    {
        var front = literal.Load();
        fixed (byte* values = column.Values)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var at = rows.Buffer + rows.Positions[i];
                if (!front.Matches(at))
                {
                    rows.Failed[i] = 1;
                    continue;
                }

                at += front.Length;
                var word = *(uint*)at;
                var isTrue = word == True;
                if (!isTrue && !(word == Fals && at[4] == (byte)'e'))
                {
                    JsonIntegerStep.ReadGeneral(rows, reader, column, i, at);
                    continue;
                }

                var row = rows.Rows[i];
                values[row] = isTrue ? (byte)1 : (byte)0;
                if (column.MayHaveNulls)
                    column.SetValid(row);
                JsonIntegerStep.Finish(rows, i, at + (isTrue ? 4 : 5), true);
            }
        }
    }

    /// <summary>Skips the three words.</summary>
    public static void Skip(in JsonRows rows, JsonLiteral literal, JsonStep step)
    {
        var front = literal.Load();
        for (var i = 0; i < rows.Count; i++)
        {
            var at = rows.Buffer + rows.Positions[i];
            if (!front.Matches(at))
            {
                rows.Failed[i] = 1;
                continue;
            }

            at += front.Length;
            var word = *(uint*)at;
            if (word is True or Null)
                JsonIntegerStep.Finish(rows, i, at + 4, true);
            else if (word == Fals && at[4] == (byte)'e')
                JsonIntegerStep.Finish(rows, i, at + 5, true);
            else
                step.SkipGeneral(rows, i, at);
        }
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;

namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>A row of a test: values in the form of literals, time, and what kind of change it is.</summary>
internal sealed record Row(object?[] Values, long Time, ChangeFlags Flags = ChangeFlags.HasNew, object?[]? Old = null)
{
    public static Row At(long time, params object?[] values) => new(values, time);

    public static Row Tombstone(long time, params object?[] values) => new(values, time, ChangeFlags.None);
}

/// <summary>Moves rows between tests and batches.</summary>
internal static class Rows
{
    public static ChangeBatch Batch(IReadOnlyList<SqlType> types, IReadOnlyList<Row> rows)
    {
        var batch = new ChangeBatch(types, withOld: rows.Any(static row => row.Old is not null));
        batch.Reset(rows.Count);
        var flags = new ChangeFlags[rows.Count];
        for (var r = 0; r < rows.Count; r++)
        {
            flags[r] = rows[r].Flags;
            batch.RowTime.Values[r] = rows[r].Time;
            for (var c = 0; c < types.Count; c++)
            {
                ColumnWriter.Write(batch.Columns[c], r, rows[r].Values[c]);
                if (rows[r].Old is { } old)
                    ColumnWriter.Write(batch.OldColumns![c], r, old[c]);
            }
        }

        if (flags.Any(static flag => flag != ChangeFlags.HasNew))
            batch.SetFlags(flags);
        return batch;
    }

    /// <summary>Rows in batches of a size, each in every second row of its columns so that selections matter.</summary>
    public static IEnumerable<ChangeBatch> SparseBatches(IReadOnlyList<SqlType> types, IReadOnlyList<Row> rows, int size)
    {
        foreach (var chunk in rows.Chunk(size))
        {
            var spread = chunk.SelectMany(static row => new[] { row with { Time = -77 }, row }).ToArray();
            var batch = Batch(types, spread);
            batch.Selection = RowSelection.Of(Enumerable.Range(0, chunk.Length).Select(static i => (2 * i) + 1).ToArray(), chunk.Length);
            yield return batch;
        }
    }

    public static List<string> Push(Operator target, ChangeBatch batch, int port = 0)
    {
        target.Push(batch, port);
        return Drain(target);
    }

    public static List<string> Signal(Operator target, OperatorSignal signal)
    {
        target.Signal(signal);
        return Drain(target);
    }

    public static List<string> Drain(Operator source)
    {
        var rows = new List<string>();
        while (source.Pull() is { } batch)
            rows.AddRange(Texts(batch));
        return rows;
    }

    public static List<string> Read(TableState table, TableAccess? access = null)
    {
        var rows = new List<string>();
        var cursor = table.Open(access ?? TableAccess.All);
        while (cursor.Read() is { } batch)
            rows.AddRange(Texts(batch));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>
    /// <c>new values @time</c>, with <c>was old values</c> where there are any; <c>gone</c> in place of values for a tombstone.
    /// </summary>
    public static IEnumerable<string> Texts(ChangeBatch batch)
    {
        for (var i = 0; i < batch.Selection.Count; i++)
        {
            var row = batch.Selection[i];
            var flags = batch.FlagsOf(row);
            var text = (flags & ChangeFlags.HasNew) != 0 ? Values(batch.Columns, row) : "gone " + Values(batch.Columns[..1], row);
            if (batch.OldColumns is not null && (flags & ChangeFlags.HasOld) != 0)
                text += " was " + Values(batch.OldColumns, row);
            yield return $"{text} @{batch.RowTime[row]}";
        }
    }

    public static string Values(IEnumerable<Column> columns, int row) =>
        string.Join(",", columns.Select(column => ColumnText.ToText(column, row, TextStyle.Ksql) ?? "null"));
}

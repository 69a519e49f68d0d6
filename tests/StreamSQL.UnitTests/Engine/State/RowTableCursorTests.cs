using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.State;

/// <summary>A read of all rows shows what the last commit left, whatever an open commit is doing.</summary>
public sealed class RowTableCursorTests
{
    private const int MaxKey = 12_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_scan_shows_committed_rows(bool hasTextKey)
    {
        var key = hasTextKey ? SqlType.Varchar : SqlType.BigInt;
        SqlType[] types = [key, SqlType.BigInt, SqlType.Varchar];
        var table = new RowTable("t", Contexts.Schema(RelationKind.Table, (key, ColumnRole.Key), (types[1], ColumnRole.Value),
            (types[2], ColumnRole.Value)),
            new MemoryBudget("test", long.MaxValue, null));
        var random = new Random(11);
        var committed = new Dictionary<int, Row>();
        for (var round = 0; round < 40; round++)
        {
            var open = new Dictionary<int, Row>(committed);
            // The first rounds fill whole blocks; later ones delete and overwrite here and there, or a lot.
            var keys = round < 3
                ? Enumerable.Range(round * MaxKey / 3, MaxKey / 3).ToArray()
                : Enumerable.Range(0, random.Next(1, round % 4 == 0 ? 6000 : 60)).Select(_ => random.Next(MaxKey)).Distinct().ToArray();
            var rows = keys.Select(number => Row.At(round, hasTextKey ? $"k{number}" : (long)number,
                random.Next(40) == 0 ? null : random.NextInt64(), random.Next(40) == 0 ? null : $"text {random.Next(1000)}")).ToArray();
            Write(table, Rows.Batch(types, rows), keys, rows, open, position => round >= 3 && position % 3 == 0);

            Scan(table).ShouldBe(Expected(committed.Values, types));
            if (random.Next(4) == 0)
            {
                table.Abort();
            }
            else
            {
                table.Commit();
                committed = open;
            }

            Scan(table).ShouldBe(Expected(committed.Values, types));
            if (committed.Count > 0)
                ScanWithoutTimesOrKeys(table)
                    .ShouldBe(committed.Values.Aggregate((Int128)0, static (sum, row) => sum + ((long?)row.Values[1] ?? 0)));
        }
    }

    private static void Write(
        RowTable table, ChangeBatch batch, int[] keys, Row[] rows, Dictionary<int, Row> model, Func<int, bool> isDeleted)
    {
        for (var from = 0; from < keys.Length; from += 1000)
        {
            var positions = Enumerable.Range(from, Math.Min(1000, keys.Length - from)).ToArray();
            var slots = new int[positions.Length];
            table.Touch(batch.Columns.AsSpan(0, 1), RowSelection.Of(positions, positions.Length), slots);
            table.Put(slots, batch.Columns.AsSpan(1), positions, batch.RowTime);
            for (var i = 0; i < positions.Length; i++)
            {
                model[keys[positions[i]]] = rows[positions[i]];
                if (!isDeleted(positions[i]))
                    continue;
                table.Delete(slots[i]);
                model.Remove(keys[positions[i]]);
            }

            table.Settle();
        }
    }

    private static List<string> Expected(IEnumerable<Row> rows, SqlType[] types)
    {
        Row[] all = [.. rows];
        return [.. Rows.Texts(Rows.Batch(types, all)).Order(StringComparer.Ordinal)];
    }

    private static List<string> Scan(RowTable table) => Rows.Read(table);

    private static Int128 ScanWithoutTimesOrKeys(RowTable table)
    {
        var cursor = table.Open(TableAccess.All with { Columns = [1], WithTimes = false, Blocks = new SlotBlocks() });
        Int128 sum = 0;
        while (cursor.Read() is { } batch)
        {
            foreach (var row in batch.Selection)
                sum += batch.Columns[1].IsNull(row) ? 0 : ((StreamSQL.Data.Columns.FixedColumn<long>)batch.Columns[1])[row];
        }

        return sum;
    }
}

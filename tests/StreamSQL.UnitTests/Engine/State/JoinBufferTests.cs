using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.State;

/// <summary>A join buffer beside a plain list of rows.</summary>
public class JoinBufferTests
{
    private const long Retention = 160;

    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.Varchar];

    [Fact]
    public void Rows_of_a_key_come_in_the_order_of_time_and_those_of_one_time_as_they_came()
    {
        var buffer = Create();
        Store(buffer, (1, 30, "c"), (1, 10, "a"), (2, 20, "x"), (1, 30, "d"), (1, 20, "b"));

        RowsFrom(buffer, 1, 0).ShouldBe(["10 a", "20 b", "30 c", "30 d"]);
        RowsFrom(buffer, 1, 20).ShouldBe(["20 b", "30 c", "30 d"]);
        RowsFrom(buffer, 1, 31).ShouldBeEmpty();
        RowsFrom(buffer, 2, 0).ShouldBe(["20 x"]);
        RowsFrom(buffer, 3, 0).ShouldBeEmpty();
    }

    [Fact]
    public void A_row_out_of_retention_is_not_found_and_goes_with_the_commit()
    {
        var buffer = Create();
        Store(buffer, (1, 5, "old"), (1, 100, "new"));
        Commit(buffer);

        buffer.Clock = new TableClock(5 + Retention, long.MinValue);
        RowsFrom(buffer, 1, 0).ShouldBe(["100 new"]);
        buffer.Count.ShouldBe(2);
        buffer.Clock = new TableClock(20 + Retention, long.MinValue);
        Commit(buffer);

        buffer.Count.ShouldBe(1);
    }

    [Fact]
    public void A_row_that_waits_stays_beyond_its_retention_until_it_waits_no_more()
    {
        var buffer = Create(holdsRows: true);
        var row = Store(buffer, (1, 5, "waits"))[0];
        buffer.Hold(row);
        buffer.Clock = new TableClock(50 + Retention, long.MinValue);
        Commit(buffer);
        buffer.Held.TryPeek(out var held, out var time).ShouldBeTrue();
        (held, time, buffer.Count).ShouldBe((row, 5, 1));

        buffer.EndHold(row);
        buffer.Held.TryPeek(out _, out _).ShouldBeFalse();
        Commit(buffer);

        buffer.Count.ShouldBe(0);
        buffer.Index.Count.ShouldBe(0);
    }

    [Fact]
    public void A_row_that_was_only_copied_in_is_given_back_with_its_key()
    {
        var buffer = Create();
        var (rows, keys) = Copy(buffer, (7, 1, "never stored"));
        buffer.Release(rows[0], keys[0]);
        Commit(buffer);

        buffer.Index.Count.ShouldBe(0);
        Store(buffer, (8, 1, "takes its number"))[0].ShouldBe(rows[0]);
    }

    /// <summary>Commits and aborts, held rows, restores from the changelog and from blocks: always the rows of the model.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_a_plain_list_holds(int seed)
    {
        var random = new Random(seed);
        var (buffer, log) = (Create(holdsRows: true), new List<(byte[] Key, byte[]? Value)>());
        var committed = new List<(long Key, long Time, string Text, int Number)>();
        var (clock, numbers) = (0L, 0);
        for (var round = 0; round < 60; round++)
        {
            var open = committed.ToList();
            for (var i = random.Next(8); i > 0; i--)
            {
                var row = (Key: (long)random.Next(4), Time: clock + random.Next(40), Text: $"r{numbers}", Number: numbers++);
                var stored = Store(buffer, (row.Key, row.Time, row.Text))[0];
                if (random.Next(3) == 0)
                {
                    buffer.Hold(stored);
                    if (random.Next(2) == 0)
                        buffer.EndHold(stored);
                }

                open.Add(row);
            }

            var before = clock;
            clock += random.Next(30);
            buffer.Clock = new TableClock(clock, long.MinValue);
            Check(buffer, open, clock);
            if (random.Next(4) == 0)
            {
                buffer.Abort();
                clock = before;
                Check(buffer, committed, clock);
                continue;
            }

            Commit(buffer, log);
            committed = open;
            Check(buffer, committed, clock);
        }

        var fromLog = Create(holdsRows: true);
        Restore(fromLog, log);
        Check(fromLog, committed, clock);
        var fromBlocks = Create(holdsRows: true);
        StateCopies.Copy(buffer, fromBlocks);
        fromBlocks.Clock = buffer.Clock;

        // Blocks do not keep the order of rows of one time.
        Check(fromBlocks, committed, clock, ordersTies: false);
    }

    private static JoinBuffer Create(bool holdsRows = false) =>
        new("b", [SqlType.BigInt], Types, Retention, holdsRows, new MemoryBudget("test", long.MaxValue, null));

    private static int[] Store(JoinBuffer buffer, params (long Key, long Time, string Text)[] rows)
    {
        var (numbers, keys) = Copy(buffer, rows);
        for (var i = 0; i < rows.Length; i++)
            buffer.Store(numbers[i], keys[i], rows[i].Time);
        return numbers;
    }

    private static (int[] Numbers, int[] Keys) Copy(JoinBuffer buffer, params (long Key, long Time, string Text)[] rows)
    {
        var batch = Rows.Batch(Types, [.. rows.Select(static row => Row.At(row.Time, row.Key, row.Text))]);
        var (numbers, keys) = (new int[rows.Length], new int[rows.Length]);
        buffer.Index.FindOrAdd(batch.Columns.AsSpan(0, 1), batch.Selection, keys);
        buffer.EnsureKeys();
        buffer.Copy(batch.Columns, batch.Selection, numbers);
        return (numbers, keys);
    }

    private static List<string> RowsFrom(JoinBuffer buffer, long key, long time)
    {
        var keys = Rows.Batch([SqlType.BigInt], [Row.At(0, key)]);
        var slot = new int[1];
        buffer.Index.Find(keys.Columns, RowSelection.All(1), slot);
        var found = new List<string>();
        for (var row = slot[0] < 0 ? -1 : buffer.FirstFrom(slot[0], time); row >= 0; row = buffer.Next(row))
            found.Add($"{buffer.TimeOf(row)} {System.Text.Encoding.UTF8.GetString(((BytesColumn)buffer.Values[1])[row])}");
        return found;
    }

    private static void Check(JoinBuffer buffer, List<(long Key, long Time, string Text, int Number)> rows, long clock,
        bool ordersTies = true)
    {
        for (var key = 0; key < 4; key++)
        {
            RowsFrom(buffer, key, long.MinValue).ShouldBe(
                rows.Where(row => row.Key == key && row.Time > clock - Retention).OrderBy(static row => row.Time)
                    .ThenBy(static row => row.Number)
                    .Select(static row => $"{row.Time} {row.Text}"),
                ignoreOrder: !ordersTies);
        }
    }

    private static void Commit(JoinBuffer buffer, List<(byte[] Key, byte[]? Value)>? log = null)
    {
        var (keys, values) = (new SliceList(), new SliceList());
        keys.Reset();
        values.Reset();
        buffer.Expire();
        buffer.WriteChangelog(keys, values);
        for (var i = 0; i < keys.Count; i++)
            log?.Add((keys[i].ToArray(), values.IsNull(i) ? null : values[i].ToArray()));
        buffer.Commit();
        buffer.Settle();
    }

    private static void Restore(JoinBuffer buffer, List<(byte[] Key, byte[]? Value)> log)
    {
        var (keys, values) = (new SliceList(), new SliceList());
        keys.Reset();
        values.Reset();
        foreach (var (key, value) in log)
        {
            keys.Append(key);
            if (value is null)
                values.AddNull();
            else
                values.Append(value);
        }

        buffer.Restore(keys, values);
        buffer.Commit();
    }
}

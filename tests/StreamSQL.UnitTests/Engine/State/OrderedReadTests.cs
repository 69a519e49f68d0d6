using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.State;

/// <summary>A read of a range of keys gives the rows that a read of all gives within the range, whatever is written.</summary>
public sealed class OrderedReadTests
{
    private const int MaxKey = 15_000;

    /// <summary>A key of each type, made of a number; numbers that follow each other need not give keys that do.</summary>
    private static readonly Dictionary<string, (SqlType Type, Func<int, object> Of)> Keys = new()
    {
        ["integer"] = (SqlType.Integer, static n => (n - (MaxKey / 2)) * 7),
        ["bigint"] = (SqlType.BigInt, static n => (n - (MaxKey / 2)) * 77_000_000_000L),
        ["text"] = (SqlType.Varchar, static n => n % 5 == 0 ? new string('k', 1 + (n % 40)) + n : $"customer-{n}"),
        ["decimal"] = (SqlType.Decimal(20, 2), static n => (Int128)((n - (MaxKey / 2)) * 3)),
        ["double"] = (SqlType.Double, static n => n == 7 ? double.PositiveInfinity : (n - (MaxKey / 2)) / 8.0),
        ["date"] = (SqlType.Date, static n => n - 3000),
        ["time"] = (SqlType.Time, static n => n * 3000),
        ["timestamp"] = (SqlType.Timestamp, static n => (n - 5000) * 86_400_123L),
        ["bytes"] = (SqlType.Bytes, static n => BitConverter.GetBytes(n * 2_654_435_761L)[..(1 + (n % 8))].Concat([(byte)n, (byte)(n >> 8)])
            .ToArray()),
    };

    public static TheoryData<string> KeyTypes => [.. Keys.Keys];

    [Theory]
    [MemberData(nameof(KeyTypes))]
    public void Ranges_of_a_table_are_those_of_all_its_rows(string keys)
    {
        var (type, keyOf) = Keys[keys];
        SqlType[] types = [type, SqlType.BigInt];
        var table = Table(types, out _, (type, ColumnRole.Key), (types[1], ColumnRole.Value));
        var random = new Random(5);
        for (var round = 0; round < 30; round++)
        {
            var numbers = round < 3
                ? Enumerable.Range(round * MaxKey / 3, MaxKey / 3).OrderBy(_ => random.Next()).ToArray()
                : Enumerable.Range(0, random.Next(1, round % 8 == 0 ? 9000 : 200)).Select(_ => random.Next(MaxKey)).Distinct().ToArray();
            var rows = numbers.Select(n => Row.At(round, keyOf(n), random.NextInt64(1000))).DistinctBy(static row => Text(row.Values[0]))
                .ToArray();
            Write(table, Rows.Batch(types, rows), isDeleted: row => round >= 3 && row % 3 == 0);
            CheckRange(table, type, keyOf, random);
            if (random.Next(4) == 0)
                table.Abort();
            else
                table.Commit();
            CheckRange(table, type, keyOf, random);
        }

        table.Index.Order.ShouldNotBeNull();
    }

    [Fact]
    public void Ranges_of_the_first_column_of_several_find_rows_with_null_in_the_others()
    {
        SqlType[] types = [SqlType.Varchar, SqlType.Integer, SqlType.BigInt];
        var table = Table(types, out _, (types[0], ColumnRole.Key), (types[1], ColumnRole.Key), (types[2], ColumnRole.Value));
        var random = new Random(6);
        var rows = Enumerable.Range(0, MaxKey).Select(n => Row.At(n, n % 50 == 0 ? null : $"k{n / 4}\0{(n % 3 == 0 ? "x" : "")}",
            n % 4 == 0 ? null : n, (long)n)).ToArray();
        Write(table, Rows.Batch(types, rows), static _ => false);
        table.Commit();
        for (var round = 0; round < 40; round++)
            CheckRange(table, types[0], n => $"k{n / 4}{(n % 2 == 0 ? "\0" : "")}", random);
        table.Index.Order.ShouldNotBeNull();

        var front = Exactly(table, new TableAccess(null) { Bounds = new KeyBounds { TextFront = "k123\0"u8.ToArray() } });
        front.Count.ShouldBe(rows.Count(static row => row.Values[0] is string text && text.StartsWith("k123\0", StringComparison.Ordinal)));
    }

    [Fact]
    public void Texts_that_begin_with_others_are_a_range()
    {
        SqlType[] types = [SqlType.Varchar, SqlType.BigInt];
        var table = Table(types, out _, (types[0], ColumnRole.Key), (types[1], ColumnRole.Value));
        var rows = Enumerable.Range(0, MaxKey).Select(static n => Row.At(0, $"ä{n}", (long)n)).ToArray();
        Write(table, Rows.Batch(types, rows), static _ => false);
        table.Commit();
        var access = new TableAccess(null) { Bounds = new KeyBounds { TextFront = "ä12"u8.ToArray() } };
        Rows.Read(table, access).Count.ShouldBe(MaxKey); // nobody has wanted a range before
        Exactly(table, access).Count.ShouldBe(
            rows.Count(static row => ((string)row.Values[0]!).StartsWith("ä12", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_written_while_somebody_reads_neither_doubles_nor_hides_other_rows()
    {
        SqlType[] types = [SqlType.BigInt, SqlType.BigInt];
        var table = Table(types, out _, (types[0], ColumnRole.Key), (types[1], ColumnRole.Value));
        Write(table, Rows.Batch(types, Many(0, MaxKey, static n => Row.At(0, 10L * n, 0L))), static _ => false);
        table.Commit();
        var access = Between(SqlType.BigInt, 10_000L, 24_990L);
        Rows.Read(table, access);
        var cursor = table.Open(access);
        var random = new Random(7);
        var seen = new List<long>();
        var removed = new HashSet<long>();
        while (cursor.Read() is { } batch)
        {
            foreach (var row in batch.Selection)
                seen.Add(((FixedColumn<long>)batch.Columns[0])[row]);
            // Rows go and come, before the place reached and behind it, and slots get other keys.
            var gone = Enumerable.Range(0, 500).Select(_ => random.Next(MaxKey) * 10L).Distinct().ToArray();
            removed.UnionWith(gone);
            Write(table, Rows.Batch(types, gone.Select(static key => Row.At(1, key, 1L)).ToArray()), static _ => true);
            table.Commit();
            Write(table, Rows.Batch(types, gone.Select(static key => Row.At(1, key + 5, 1L)).ToArray()), static _ => false);
            if (random.Next(3) == 0)
                table.Abort();
            else
                table.Commit();
        }

        seen.ShouldBe(seen.Distinct().Order());
        seen.Where(static key => key % 10 == 0).ToHashSet().IsSupersetOf(
            Enumerable.Range(1000, 1500).Select(static n => 10L * n).Where(key => !removed.Contains(key))).ShouldBeTrue();
    }

    [Fact]
    public async Task Rows_that_stay_are_seen_while_another_thread_writes()
    {
        SqlType[] types = [SqlType.Varchar, SqlType.BigInt];
        var table = Table(types, out _, (types[0], ColumnRole.Key), (types[1], ColumnRole.Value));
        Write(table, Rows.Batch(types, Many(0, 10_000, static n => Row.At(0, $"stays-{n}", 0L))), static _ => false);
        table.Commit();
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            var random = new Random(8);
            while (!stop.IsCancellationRequested)
            {
                var rows = Enumerable.Range(0, 300).Select(_ => random.Next(20_000)).Distinct()
                    .Select(static n => Row.At(1, $"goes-{n}", 1L));
                var batch = Rows.Batch(types, rows.ToArray());
                lock (table.Sync)
                {
                    Write(table, batch, static row => row % 2 == 0);
                    table.Commit();
                }
            }
        });
        var access = new TableAccess(null) { Bounds = new KeyBounds { TextFront = "stays-12"u8.ToArray() } };
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                // The first read is of all rows, where one that goes and comes may be met twice.
                var read = Rows.Read(table, access).Where(static row => row.StartsWith("stays-12", StringComparison.Ordinal)).ToList();
                read.Count.ShouldBe(111);
                read.Distinct().Count().ShouldBe(111);
            }
        })).ToArray();
        await Task.WhenAll(readers);
        await stop.CancelAsync();
        await writing;
        table.Index.Order.ShouldNotBeNull();
    }

    [Fact]
    public void The_windows_of_a_key_are_a_range()
    {
        SqlType[] types = [SqlType.Varchar, SqlType.BigInt, SqlType.BigInt, SqlType.Integer];
        var table = Table(types, out _, (types[0], ColumnRole.Key), (types[1], ColumnRole.WindowStart), (types[2], ColumnRole.WindowEnd),
            (types[3], ColumnRole.Value));
        var rows = Many(0, MaxKey, static n => Row.At(n, $"k{n % 300}", n / 300 * 10L, (n / 300 * 10L) + 10, n));
        Write(table, Rows.Batch(types, rows), static row => row % 11 == 0);
        table.Commit();
        var points = Rows.Batch([SqlType.Varchar], [Row.At(0, "k17"), Row.At(0, "k1"), Row.At(0, "none"), Row.At(0, [null])]);
        var access = new TableAccess(points, WindowStartMin: 100, WindowStartMax: 200);
        Rows.Read(table, access);
        Exactly(table, access).ShouldBe(
            [.. rows.Where(static (row, i) => i % 11 != 0 && row.Values[0] is ("k17" or "k1") && row.Values[1] is >= 100L and <= 200L)
                .Select(static row => $"{row.Values[0]},{row.Values[1]},{row.Values[2]},{row.Values[3]} @{row.Time}")
                .Order(StringComparer.Ordinal)]);
        Exactly(table, new TableAccess(points)).Count.ShouldBe(
            rows.Where(static (row, i) => i % 11 != 0 && row.Values[0] is ("k17" or "k1")).Count());
    }

    [Fact]
    public void An_order_that_memory_is_refused_for_is_not_kept_and_reads_go_on()
    {
        SqlType[] types = [SqlType.BigInt, SqlType.BigInt];
        var table = Table(types, out var budget, (types[0], ColumnRole.Key), (types[1], ColumnRole.Value));
        Write(table, Rows.Batch(types, Many(0, MaxKey, static n => Row.At(0, (long)n, 0L))), static _ => false);
        table.Commit();
        var rest = budget.LimitBytes - budget.UsedBytes;
        budget.Charge(rest - 1000);
        var access = Between(SqlType.BigInt, 10L, 19L);
        for (var i = 0; i < 5; i++)
            Within(table, access, SqlType.BigInt).Count.ShouldBe(10);
        table.Index.HasOrder.ShouldBeFalse();
        budget.UsedBytes.ShouldBe(budget.LimitBytes - 1000);

        // With memory there it is kept, after a while; a write that needs that memory takes it, and the read in between is told.
        budget.Charge(1000 - rest);
        for (var i = 0; i < 70; i++)
            Within(table, access, SqlType.BigInt).Count.ShouldBe(10);
        table.Index.Order.ShouldNotBeNull();
        var cursor = table.Open(Between(SqlType.BigInt, 10L, 999L));
        cursor.Read().ShouldNotBeNull();
        budget.Charge(budget.LimitBytes - budget.UsedBytes);
        var before = table.Index.MemoryBytes;
        Write(table, Rows.Batch(types, [Row.At(0, -1L, 0L)]), static _ => false);
        for (var key = -2L; table.Index.HasOrder; key--)
            Write(table, Rows.Batch(types, [Row.At(0, key, 0L)]), static _ => false);
        table.Index.MemoryBytes.ShouldBeLessThan(before);
        Should.Throw<SqlException>(() => cursor.Read()).SqlState.ShouldBe("53200");
    }

    [Fact]
    public void An_order_that_nobody_asks_for_any_more_is_not_kept()
    {
        SqlType[] types = [SqlType.BigInt, SqlType.BigInt];
        var table = Table(types, out _, (types[0], ColumnRole.Key), (types[1], ColumnRole.Value));
        Write(table, Rows.Batch(types, Many(0, MaxKey, static n => Row.At(0, (long)n, 0L))), static _ => false);
        table.Commit();
        Rows.Read(table, Between(SqlType.BigInt, 10L, 19L));
        Exactly(table, Between(SqlType.BigInt, 10L, 19L)).Count.ShouldBe(10);
        table.Index.Order.ShouldNotBeNull();
        for (var from = MaxKey; table.Index.HasOrder; from += MaxKey)
        {
            Write(table, Rows.Batch(types, Many(from, MaxKey, static n => Row.At(0, (long)n, 0L))), static _ => false);
            table.Commit();
            from.ShouldBeLessThan(10 * MaxKey);
        }

        Within(table, Between(SqlType.BigInt, 10L, 19L), SqlType.BigInt).Count.ShouldBe(10);
    }

    private static Row[] Many(int from, int count, Func<int, Row> rowOf) => [.. Enumerable.Range(from, count).Select(rowOf)];

    private static RowTable Table(SqlType[] types, out MemoryBudget budget, params (SqlType, ColumnRole)[] columns)
    {
        budget = new MemoryBudget("test", 1L << 40, null);
        var schema = Contexts.Schema(RelationKind.Table, columns);
        types.Length.ShouldBe(columns.Length);
        if (columns.Any(static column => column.Item2 == ColumnRole.WindowStart))
            schema = schema with { Window = new WindowSpec(WindowKind.Tumbling, 10, 10, 0, null) };
        return new RowTable("t", schema, budget);
    }

    private static void Write(RowTable table, ChangeBatch batch, Func<int, bool> isDeleted)
    {
        var rows = batch.Selection.Count;
        for (var from = 0; from < rows; from += 1000)
        {
            var positions = Enumerable.Range(from, Math.Min(1000, rows - from)).ToArray();
            var slots = new int[positions.Length];
            table.Touch(batch.Columns.AsSpan(0, table.KeyCount), RowSelection.Of(positions, positions.Length), slots);
            table.Put(slots, batch.Columns.AsSpan(table.KeyCount), positions, batch.RowTime);
            for (var i = 0; i < positions.Length; i++)
            {
                if (isDeleted(positions[i]))
                    table.Delete(slots[i]);
            }

            table.Settle();
        }
    }

    private static void CheckRange(RowTable table, SqlType type, Func<int, object> keyOf, Random random)
    {
        var from = random.Next(MaxKey);
        var (first, second) = (keyOf(from), keyOf(Math.Min(MaxKey - 1, from + random.Next(600))));
        var (lower, upper) = Compare(first, second) <= 0 ? (first, second) : (second, first);
        var bounds = new KeyBounds
        {
            Lower = random.Next(5) == 0 ? null : ColumnOf(type, lower),
            IncludesLower = random.Next(2) == 0,
            Upper = random.Next(5) == 0 ? null : ColumnOf(type, upper),
            IncludesUpper = random.Next(2) == 0,
        };
        bool Admits(object? key) => key is not null
            && (bounds.Lower is null || (Compare(key, lower) is var above && (above > 0 || (above == 0 && bounds.IncludesLower))))
            && (bounds.Upper is null || (Compare(key, upper) is var below && (below < 0 || (below == 0 && bounds.IncludesUpper))));
        var expected = Where(table, TableAccess.All, Admits, out _);
        var found = Where(table, new TableAccess(null) { Bounds = bounds }, Admits, out var read);
        found.ShouldBe(expected);
        // A range that was read in order has no other rows but, below an upper end, those without a first column.
        if (table.Index.Order is { } order && expected.Count < order.Count / 10 && bounds.Lower is not null)
            read.ShouldBe(expected.Count);
    }

    private static List<string> Where(RowTable table, TableAccess access, Func<object?, bool> admits, out int read)
    {
        var rows = new List<string>();
        read = 0;
        var cursor = table.Open(access);
        while (cursor.Read() is { } batch)
        {
            read += batch.Selection.Count;
            foreach (var row in batch.Selection)
            {
                if (admits(ColumnReader.Read(batch.Columns[0], row)))
                    rows.Add($"{Rows.Values(batch.Columns, row)} @{batch.RowTime[row]}");
            }
        }

        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    private static List<string> Within(RowTable table, TableAccess access, SqlType type) => Where(table, access, key => key is not null
        && Compare(key, ColumnReader.Read(access.Bounds!.Lower!, 0)!) >= 0
        && Compare(key, ColumnReader.Read(access.Bounds.Upper!, 0)!) <= 0 && type.Equals(SqlType.BigInt), out _);

    /// <summary>Rows that were read in order, so that there are no others.</summary>
    private static List<string> Exactly(RowTable table, TableAccess access)
    {
        var rows = Rows.Read(table, access);
        table.Index.Order.ShouldNotBeNull();
        return rows;
    }

    private static TableAccess Between(SqlType type, object lower, object upper) => new(null)
    {
        Bounds = new KeyBounds
        {
            Lower = ColumnOf(type, lower), IncludesLower = true, Upper = ColumnOf(type, upper), IncludesUpper = true,
        },
    };

    private static Column ColumnOf(SqlType type, object value) => Rows.Batch([type], [Row.At(0, value)]).Columns[0];

    private static string Text(object? value) => value is byte[] bytes ? Convert.ToHexString(bytes) : $"{value}";

    private static int Compare(object left, object right) => (left, right) switch
    {
        (string x, string y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y)),
        (byte[] x, byte[] y) => x.AsSpan().SequenceCompareTo(y),
        _ => ((IComparable)left).CompareTo(right),
    };
}

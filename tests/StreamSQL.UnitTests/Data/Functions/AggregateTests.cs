using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Functions;

public class AggregateTests
{
    private static readonly SqlType Price = SqlType.Decimal(4, 1);

    public static TheoryData<string, SqlType, object?[], string[]> Cases() => new()
    {
        { "COUNT", SqlType.Integer, [1, null, 3], ["1", "1", "2"] },
        { "SUM", SqlType.Integer, [1, null, 3], ["1", "1", "4"] },
        { "SUM", SqlType.BigInt, [null, 5L, -7L], ["0", "5", "-2"] },
        { "SUM", SqlType.Double, [0.5, 0.25, null], ["0.5", "0.75", "0.75"] },
        { "SUM", Price, [54L, 1001L, null], ["5.4", "105.5", "105.5"] },
        { "AVG", SqlType.Integer, [1, 2, 2], ["1.0", "1.5", "1.6666666666666667"] },
        { "AVG", SqlType.BigInt, [null, long.MaxValue, long.MaxValue], ["0.0", "9.223372036854776E18", "9.223372036854776E18"] },
        { "MIN", SqlType.Integer, [null, 3, 1], ["null", "3", "1"] },
        { "MAX", SqlType.Double, [1.0, double.NaN, 2.0], ["1.0", "NaN", "NaN"] },
        { "MIN", SqlType.Double, [double.NaN, 2.0, 3.0], ["NaN", "2.0", "2.0"] },
        { "MAX", SqlType.Varchar, ["b", "ab", "c"], ["b", "b", "c"] },
        { "MIN", SqlType.Varchar, [null, "b", "ab"], ["null", "b", "ab"] },
        { "MAX", SqlType.Date, [10, null, 11], ["1970-01-11", "1970-01-11", "1970-01-12"] },
        { "LATEST_BY_OFFSET", SqlType.Integer, [1, null, 3], ["1", "1", "3"] },
        { "EARLIEST_BY_OFFSET", SqlType.Integer, [null, 2, 3], ["null", "2", "2"] },
        { "LATEST_BY_OFFSET", SqlType.Varchar, ["a", null, "c"], ["a", "a", "c"] },
        { "COLLECT_LIST", SqlType.Varchar, ["a", null, "a"], ["[a]", "[a, null]", "[a, null, a]"] },
        { "COLLECT_SET", SqlType.Integer, [1, 2, 1], ["[1]", "[1, 2]", "[1, 2]"] },
        { "STDDEV_SAMP", SqlType.Double, [100.0, 500.0, null], ["0.0", "282.842712474619", "282.842712474619"] },
        { "ATTR", SqlType.Varchar, ["a", "a", null], ["a", "a", "null"] },
        { "ATTR", SqlType.Integer, [null, null, 1], ["null", "null", "null"] },
        { "HISTOGRAM", SqlType.Varchar, ["a", null, "b", "a"], ["{a=1}", "{a=1}", "{a=1, b=1}", "{a=2, b=1}"] },
        { "SUM_LIST", SqlType.ArrayOf(SqlType.Integer), [new object?[] { 1, 2 }, null, Array.Empty<object?>(), new object?[] { null, 5 }],
            ["3", "3", "3", "8"] },
        { "SUM_LIST", SqlType.ArrayOf(Price), [new object?[] { 54L, 1001L }], ["105.5"] },
        { "COUNT_DISTINCT", SqlType.Varchar, ["a", null, "b"], ["1", "1", "2"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gives_the_result_after_every_row(string name, SqlType type, object?[] values, string[] results)
    {
        var binding = Bind(name, RuleSet.Ksql, type);
        var state = NewState(binding);
        var output = Columns.Empty(binding.ResultType, values.Length);
        state.Add([Columns.Of(type, values)], RowSelection.All(values.Length), new int[values.Length], output);
        Columns.Show(output, values.Length).ShouldBe(results);

        // Without an output per row the final result is the same, also through a selection that starts elsewhere.
        var quiet = NewState(binding);
        quiet.Add([Columns.Of(type, [values[0], .. values])], RowSelection.Of([.. Enumerable.Range(1, values.Length)], values.Length),
            new int[values.Length], null);
        Show(quiet, binding, 0).ShouldBe(results[^1]);
    }

    [Theory]
    [InlineData(int.MaxValue - 1L)]
    [InlineData(int.MinValue + 1L)]
    [InlineData(5_000_000_000)]
    public void Counts_go_on_beyond_32_bits(long before)
    {
        var binding = Bind("COUNT", RuleSet.Ksql, SqlType.Integer);
        var state = NewState(binding);
        state.Load(1, BitConverter.GetBytes(before));
        var step = before < 0 ? -1 : 1;
        Action<ReadOnlySpan<Column>, RowSelection, ReadOnlySpan<int>, Column?> change = step < 0 ? state.Retract : state.Add;
        var output = Columns.Empty(binding.ResultType, 4);
        change([Columns.Of(SqlType.Integer, [1, 2, 3, 4])], RowSelection.All(4), [1, 0, 1, 1], output);
        Columns.Show(output, 4).ShouldBe([$"{before + step}", $"{step}", $"{before + (2 * step)}", $"{before + (3 * step)}"]);
        change([Columns.Of(SqlType.Integer, [1, null, 3])], RowSelection.All(3), [1, 1, 1], null);

        Show(state, binding, 1).ShouldBe($"{before + (5 * step)}");
        var merged = NewState(binding);
        merged.Merge(0, state, 0);
        merged.MergeMany([0, 1], state, [1, 0]);
        Show(merged, binding, 0).ShouldBe($"{before + (6 * step)}");
        Show(merged, binding, 1).ShouldBe($"{step}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Survives_saving_and_loading(string name, SqlType type, object?[] values, string[] results)
    {
        var binding = Bind(name, RuleSet.Ksql, type);
        var state = NewState(binding);
        state.Add([Columns.Of(type, values)], RowSelection.All(values.Length), new int[values.Length], null);
        var writer = new ArrayBufferWriter<byte>();
        state.Save(0, writer);
        var loaded = NewState(binding);
        loaded.Load(1, [.. writer.WrittenSpan, 99]).ShouldBe(writer.WrittenCount);
        Show(loaded, binding, 1).ShouldBe(results[^1]);
        Show(loaded, binding, 0).ShouldBe(Show(NewState(binding), binding, 0));

        // Every cut is refused, none is read as something else.
        for (var length = 0; length < writer.WrittenCount; length++)
            Should.Throw<InvalidDataException>(() => NewState(binding).Load(0, writer.WrittenSpan[..length].ToArray()));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Merges_in_the_order_of_the_rows(string name, SqlType type, object?[] values, string[] results)
    {
        var binding = Bind(name, RuleSet.Ksql, type);
        var (first, second) = (NewState(binding), NewState(binding));
        first.Add([Columns.Of(type, values[..1])], RowSelection.All(1), [0], null);
        second.Add([Columns.Of(type, values[1..])], RowSelection.All(values.Length - 1), new int[values.Length - 1], null);
        first.Merge(0, second, 0);
        Show(first, binding, 0).ShouldBe(results[^1]);
    }

    [Fact]
    public void Groups_do_not_mix_and_clear_alone()
    {
        var binding = Bind("SUM", RuleSet.Ksql, SqlType.Integer);
        var state = NewState(binding);
        state.Add([Columns.Of(SqlType.Integer, 1, 2, 3, 4)], RowSelection.All(4), [0, 1, 0, 1], null);
        (Show(state, binding, 0), Show(state, binding, 1)).ShouldBe(("4", "6"));
        state.Clear(0);
        (Show(state, binding, 0), Show(state, binding, 1)).ShouldBe(("0", "6"));
    }

    [Theory]
    [InlineData("COUNT", "1")]
    [InlineData("SUM", "2")]
    [InlineData("AVG", "2.0")]
    [InlineData("COLLECT_LIST", "[2]")]
    public void Takes_rows_back(string name, string result)
    {
        var binding = Bind(name, RuleSet.Ksql, SqlType.Integer);
        binding.CanRetract.ShouldBeTrue();
        var state = NewState(binding);
        state.Add([Columns.Of(SqlType.Integer, 2, 5)], RowSelection.All(2), [0, 0], null);
        var output = Columns.Empty(binding.ResultType, 1);
        state.Retract([Columns.Of(SqlType.Integer, 5)], RowSelection.All(1), [0], output);
        ExpressionRunner.Show(output, 0).ShouldBe(result);
    }

    [Fact]
    public void Attributes_histograms_and_sums_of_lists_take_rows_back()
    {
        Retracted("ATTR", SqlType.Varchar, ["a", "b", "a"], ["b"]).ShouldBe(["a"]);
        Retracted("ATTR", SqlType.Varchar, ["a", "b"], ["a", "b"]).ShouldBe(["b", "null"]);
        Retracted("HISTOGRAM", SqlType.Varchar, ["a", "b", "a", null], ["a", "c", "a", null])
            .ShouldBe(["{a=1, b=1}", "{a=1, b=1}", "{b=1}", "{b=1}"]);
        Retracted("SUM_LIST", SqlType.ArrayOf(SqlType.BigInt), [new object?[] { 1L, 2L }, new object?[] { 4L }],
            [new object?[] { 2L }, null]).ShouldBe(["5", "5"]);
    }

    [Fact]
    public void Many_values_come_and_go_and_are_counted_as_a_dictionary_counts_them()
    {
        var random = new Random(11);
        var binding = Bind("HISTOGRAM", RuleSet.Ksql, SqlType.Varchar);
        var state = NewState(binding);
        var expected = new Dictionary<string, long>();
        for (var i = 0; i < 20_000; i++)
        {
            var value = $"v{random.Next(i < 10_000 ? 1500 : 40)}";
            var adds = random.Next(3) > 0;
            var column = Columns.Of(SqlType.Varchar, [value]);
            if (adds)
                state.Add([column], RowSelection.All(1), [0], null);
            else
                state.Retract([column], RowSelection.All(1), [0], null);
            var there = expected.GetValueOrDefault(value);
            if (adds && (there > 0 || expected.Count < 1000))
                expected[value] = there + 1;
            else if (!adds && there == 1)
                expected.Remove(value);
            else if (!adds && there > 1)
                expected[value] = there - 1;
        }

        var copy = NewState(binding);
        var bytes = new ArrayBufferWriter<byte>();
        state.Save(0, bytes);
        copy.Load(0, bytes.WrittenSpan).ShouldBe(bytes.WrittenCount);
        foreach (var result in new[] { Show(state, binding, 0), Show(copy, binding, 0) })
            result[1..^1].Split(", ").Order().ShouldBe(expected.Select(static entry => $"{entry.Key}={entry.Value}").Order());
    }

    [Fact]
    public void A_correlation_is_of_whole_pairs_and_leaves_nothing_of_those_taken_back()
    {
        var binding = BuiltInFunctions.Registry.FindAggregate("CORRELATION")!.Bind([SqlType.BigInt, SqlType.Double], RuleSet.Ksql)!;
        var state = NewState(binding);
        var output = Columns.Empty(SqlType.Double, 4);
        Column[] pairs = [Columns.Of(SqlType.Double, [1.0, -1.0, null, -4.0]), Columns.Of(SqlType.Double, [8.0, -2.0, 3.0, -1.0])];
        state.Add(pairs, RowSelection.All(4), new int[4], output);
        Columns.Show(output, 4).ShouldBe(["NaN", "1.0", "1.0", "0.7455284088780169"]);
        state.Retract(pairs, RowSelection.Of([3, 0], 2), new int[2], output);
        Columns.Show(output, 2).ShouldBe(["1.0", "NaN"]);
    }

    [Fact]
    public void The_largest_values_bring_other_columns_along()
    {
        var binding = BuiltInFunctions.Registry.FindAggregate("TOPK")!.Bind([SqlType.Integer, SqlType.Varchar, SqlType.Integer],
            RuleSet.Ksql)!;
        var state = NewState(binding);
        Column[] rows = [Columns.Of(SqlType.Integer, [5, 7, null, 7, 9]), Columns.Of(SqlType.Varchar, ["a", "b", "c", null, "e"]),
            Columns.Of(SqlType.Integer, [2, 2, 2, 2, 2])];
        state.Add(rows, RowSelection.All(4), new int[4], null);
        Show(state, binding, 0).ShouldBe("[Struct{sort_col=7,col0=b}, Struct{sort_col=7}]");
        var copy = NewState(binding);
        var bytes = new ArrayBufferWriter<byte>();
        state.Save(0, bytes);
        copy.Load(0, bytes.WrittenSpan);
        copy.Add(rows, RowSelection.Of([4], 1), new int[1], null);
        Show(copy, binding, 0).ShouldBe("[Struct{sort_col=9,col0=e}, Struct{sort_col=7,col0=b}]");
    }

    private static string[] Retracted(string name, SqlType type, object?[] values, object?[] taken)
    {
        var binding = Bind(name, RuleSet.Ksql, type);
        var state = NewState(binding);
        state.Add([Columns.Of(type, values)], RowSelection.All(values.Length), new int[values.Length], null);
        var output = Columns.Empty(binding.ResultType, taken.Length);
        state.Retract([Columns.Of(type, taken)], RowSelection.All(taken.Length), new int[taken.Length], output);
        return [.. Columns.Show(output, taken.Length)];
    }

    [Fact]
    public void Max_cannot_take_rows_back()
    {
        var binding = Bind("MAX", RuleSet.Ksql, SqlType.Integer);
        binding.CanRetract.ShouldBeFalse();
        Should.Throw<NotSupportedException>(() => NewState(binding)
            .Retract([Columns.Of(SqlType.Integer, 5)], RowSelection.All(1), [0], null));
    }

    [Fact]
    public void A_sum_out_of_range_is_an_error()
    {
        var state = NewState(Bind("SUM", RuleSet.Ksql, Price));
        Should.Throw<SqlException>(() => state.Add([Columns.Of(Price, 9000L, 1000L)], RowSelection.All(2), [0, 0], null))
            .SqlState.ShouldBe("22003");
        var longs = NewState(Bind("SUM", RuleSet.Ksql, SqlType.BigInt));
        Should.Throw<SqlException>(() => longs.Add([Columns.Of(SqlType.BigInt, long.MaxValue, 1L)], RowSelection.All(2), [0, 0], null))
            .Message.ShouldContain("Numeric field overflow");
    }

    [Fact]
    public void Postgres_results_are_wider_exact_and_null_without_values()
    {
        Bind("SUM", RuleSet.Postgres, SqlType.Integer).ResultType.ShouldBe(SqlType.BigInt);
        Bind("SUM", RuleSet.Postgres, SqlType.BigInt).ResultType.ShouldBe(SqlType.Decimal(38, 0));
        var average = Bind("AVG", RuleSet.Postgres, SqlType.Integer);
        var state = NewState(average);
        Show(state, average, 0).ShouldBe("null");
        state.Add([Columns.Of(SqlType.Integer, 1, 2, 2)], RowSelection.All(3), new int[3], null);
        average.ResultType.ShouldBe(SqlType.Numeric);
        Show(state, average, 0).ShouldBe("1.6666666666666667");
    }

    [Fact]
    public void Keeps_the_last_n_values()
    {
        var binding = BuiltInFunctions.Registry.FindAggregate("LATEST_BY_OFFSET")!.Bind([SqlType.Varchar, SqlType.Integer], RuleSet.Ksql)!;
        var state = NewState(binding);
        state.Add([Columns.Of(SqlType.Varchar, "a", "b", null, "c"), Columns.Constant(SqlType.Integer, 2)], RowSelection.All(4),
            new int[4], null);
        Show(state, binding, 0).ShouldBe("[b, c]");
    }

    [Theory]
    [InlineData("TOPK", "[7, 7, 5]")]
    [InlineData("TOPKDISTINCT", "[7, 5, 3]")]
    public void Keeps_the_largest_values(string name, string result)
    {
        var binding = BuiltInFunctions.Registry.FindAggregate(name)!.Bind([SqlType.Integer, SqlType.Integer], RuleSet.Ksql)!;
        var state = NewState(binding);
        state.Add([Columns.Of(SqlType.Integer, 5, 7, null, 3, 7, 1), Columns.Constant(SqlType.Integer, 3)], RowSelection.All(6),
            new int[6], null);
        Show(state, binding, 0).ShouldBe(result);
        var writer = new ArrayBufferWriter<byte>();
        state.Save(0, writer);
        var loaded = NewState(binding);
        loaded.Load(0, writer.WrittenSpan).ShouldBe(writer.WrittenCount);
        Show(loaded, binding, 0).ShouldBe(result);
    }

    [Fact]
    public void Keeps_nulls_when_asked_to()
    {
        var binding = BuiltInFunctions.Registry.FindAggregate("LATEST_BY_OFFSET")!.Bind([SqlType.Integer, SqlType.Boolean], RuleSet.Ksql)!;
        var state = NewState(binding);
        state.Add([Columns.Of(SqlType.Integer, 1, null), Columns.Constant(SqlType.Boolean, false)], RowSelection.All(2), new int[2], null);
        Show(state, binding, 0).ShouldBe("null");
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var state = NewState(BuiltInFunctions.Registry.FindAggregate("COUNT")!.Bind([], RuleSet.Ksql)!);
        var slots = new int[4096];
        var output = Columns.Empty(SqlType.BigInt, 4096);
        state.Add([], RowSelection.All(4096), slots, output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        state.Add([], RowSelection.All(4096), slots, output);
        state.Add([], RowSelection.All(4096), slots, null);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        ((FixedColumn<long>)output).Values[4095].ShouldBe(8192);
    }

    private static AggregateBinding Bind(string name, RuleSet rules, SqlType type)
    {
        var binding = BuiltInFunctions.Registry.FindAggregate(name)!.Bind([type], rules);
        binding.ShouldNotBeNull();
        return binding;
    }

    private static AggregateState NewState(AggregateBinding binding)
    {
        var state = binding.CreateState();
        state.EnsureSlots(2);
        return state;
    }

    private static string Show(AggregateState state, AggregateBinding binding, int slot)
    {
        var output = Columns.Empty(binding.ResultType, 1);
        state.Read([slot], output, 0);
        return ExpressionRunner.Show(output, 0);
    }
}

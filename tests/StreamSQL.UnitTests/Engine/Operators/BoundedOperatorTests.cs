using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

public class BoundedOperatorTests
{
    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.Varchar];

    private static readonly PlanSchema Schema = Contexts.Input(RelationKind.Rows, Types).Schema;

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(5000)]
    public void Rows_are_sorted_stably_with_nulls_where_they_belong(int? top)
    {
        var rows = RandomRows(1, 9_000, 40);
        foreach (var (descending, nullsFirst) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            var sort = new SortOperator(
                Contexts.Create(), [new SortKey(Contexts.Column(0, SqlType.BigInt), descending, nullsFirst),
                    new SortKey(Contexts.Column(1, SqlType.Varchar), false, false)], Schema, top);
            foreach (var batch in Rows.SparseBatches(Types, rows, 1000))
                Rows.Push(sort, batch).ShouldBeEmpty();
            var nullRank = nullsFirst ? -1 : 1;
            var expected = rows.OrderBy(row => row.Values[0] is null ? nullRank : 0)
                .ThenBy(row => row.Values[0] is long value ? (descending ? -value : value) : 0)
                .ThenBy(static row => row.Values[1] is null).ThenBy(static row => (string?)row.Values[1], StringComparer.Ordinal);
            Rows.Signal(sort, OperatorSignal.End).ShouldBe(Texts(expected.Take(top ?? int.MaxValue)));
        }
    }

    [Fact]
    public void A_computed_sort_key_is_not_part_of_the_output_and_memory_is_given_back()
    {
        var context = Contexts.Create();
        var negated = Contexts.Call("-", Contexts.Literal(0L, SqlType.BigInt), Contexts.Column(0, SqlType.BigInt));
        var sort = new SortOperator(context, [new SortKey(negated, false, false)], Schema, null);
        Rows.Push(sort, Rows.Batch(Types, [Row.At(0, 1L, "a"), Row.At(0, 3L, "b"), Row.At(0, 2L, "c")]));
        context.Budget.UsedBytes.ShouldBeGreaterThan(0);
        Rows.Signal(sort, OperatorSignal.End).ShouldBe(["3,b @0", "2,c @0", "1,a @0"]);
        context.Budget.UsedBytes.ShouldBe(0);
    }

    [Fact]
    public void Distinct_keeps_first_rows()
    {
        var rows = RandomRows(2, 3000, 30);
        var distinct = new DistinctOperator(Contexts.Create(), null, Schema);
        Rows.SparseBatches(Types, rows, 250).SelectMany(batch => Rows.Push(distinct, batch))
            .ShouldBe(Texts(rows.DistinctBy(static row => (row.Values[0], row.Values[1]))));
        var on = new DistinctOperator(Contexts.Create(), [Contexts.Column(1, SqlType.Varchar)], Schema);
        Rows.SparseBatches(Types, rows, 250).SelectMany(batch => Rows.Push(on, batch))
            .ShouldBe(Texts(rows.DistinctBy(static row => row.Values[1])));
    }

    [Theory]
    [InlineData(SetOperationKind.Union, false)]
    [InlineData(SetOperationKind.Union, true)]
    [InlineData(SetOperationKind.Intersect, false)]
    [InlineData(SetOperationKind.Intersect, true)]
    [InlineData(SetOperationKind.Except, false)]
    [InlineData(SetOperationKind.Except, true)]
    public void Set_operations_count_rows_as_the_standard_does(SetOperationKind kind, bool all)
    {
        var left = RandomRows(3, 800, 12);
        var right = RandomRows(4, 500, 12);
        var target = new SetOperationOperator(Contexts.Create(), kind, all, Schema);
        var outputs = new List<string>();
        foreach (var port in new[] { target.FirstPort, 1 - target.FirstPort })
        {
            foreach (var batch in Rows.SparseBatches(Types, port == 0 ? left : right, 70))
                outputs.AddRange(Rows.Push(target, batch, port));
        }

        var expected = Count(left).Keys.Union(Count(right).Keys).SelectMany(key =>
        {
            var (l, r) = (Count(left).GetValueOrDefault(key), Count(right).GetValueOrDefault(key));
            var times = kind switch
            {
                SetOperationKind.Union => all ? l + r : 1,
                SetOperationKind.Intersect => all ? Math.Min(l, r) : Math.Min(1, Math.Min(l, r)),
                _ => all ? Math.Max(0, l - r) : l > 0 && r == 0 ? 1 : 0,
            };
            return Enumerable.Repeat(key, times);
        });
        outputs.Select(static row => row.Split(" @")[0]).Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal));

        static Dictionary<string, int> Count(Row[] rows) =>
            rows.CountBy(static row => $"{row.Values[0] ?? "null"},{row.Values[1] ?? "null"}").ToDictionary();
    }

    [Theory]
    [InlineData(JoinKind.Inner, true)]
    [InlineData(JoinKind.Left, true)]
    [InlineData(JoinKind.Right, true)]
    [InlineData(JoinKind.Full, true)]
    [InlineData(JoinKind.Semi, true)]
    [InlineData(JoinKind.Anti, true)]
    [InlineData(JoinKind.Inner, false)]
    [InlineData(JoinKind.Left, false)]
    [InlineData(JoinKind.Full, false)]
    [InlineData(JoinKind.Semi, false)]
    [InlineData(JoinKind.Anti, false)]
    public void Joins_find_the_pairs_that_two_loops_find(JoinKind kind, bool keyed)
    {
        var left = RandomRows(5, 300, 15);
        var right = RandomRows(6, 260, 15);
        foreach (var withResidual in new[] { false, true })
        {
            BoundExpression? residual = withResidual
                ? Contexts.Call("<", Contexts.Column(1, SqlType.Varchar), Contexts.Column(3, SqlType.Varchar)) : null;
            BoundExpression[] keys = keyed ? [Contexts.Column(0, SqlType.BigInt)] : [];
            var join = new HashJoinOperator(Contexts.Create(), kind, Schema, Schema, keys, keys, residual);
            var outputs = new List<string>();
            foreach (var batch in Rows.SparseBatches(Types, right, 90))
                outputs.AddRange(Rows.Push(join, batch, HashJoinOperator.FirstPort));
            foreach (var batch in Rows.SparseBatches(Types, left, 70))
                outputs.AddRange(Rows.Push(join, batch));
            outputs.AddRange(Rows.Signal(join, OperatorSignal.End));

            bool Matches(Row l, Row r) =>
                (!keyed || (l.Values[0] is not null && Equals(l.Values[0], r.Values[0])))
                && (!withResidual || (l.Values[1] is string a && r.Values[1] is string b && string.CompareOrdinal(a, b) < 0));
            outputs.Select(static row => row.Split(" @")[0]).Order(StringComparer.Ordinal)
                .ShouldBe(Expected(kind, left, right, Matches).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Groups_of_finished_rows_include_null_and_honour_filter_and_distinct()
    {
        var rows = RandomRows(7, 2500, 20);
        var value = Contexts.Column(0, SqlType.BigInt);
        var positive = new BoundIsNull(value, true);
        var small = Contexts.Call("<", value, Contexts.Literal(8L, SqlType.BigInt));
        AggregateCall[] calls =
        [
            new("LIST", ListState.Binding, [value], Filter: positive),
            new("LIST", ListState.Binding, [value], Distinct: true, Filter: small),
        ];
        var schema = Contexts.Input(RelationKind.Rows, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar).Schema;
        var target = new HashAggregateOperator(Contexts.Create(), Grouping([Contexts.Column(1, SqlType.Varchar)], calls, schema));
        foreach (var batch in Rows.SparseBatches(Types, rows, 111))
            Rows.Push(target, batch).ShouldBeEmpty();
        var expected = rows.GroupBy(static row => (string?)row.Values[1]).Select(static group =>
            $"{group.Key ?? "null"},{Join(group.Select(Value).Where(static v => v is not null))}," +
                $"{Join(group.Select(Value).Where(static v => v < 8).Distinct())} @0");
        Rows.Signal(target, OperatorSignal.End).ShouldBe(expected);

        var whole = new HashAggregateOperator(Contexts.Create(),
            Grouping([], [calls[0]], Contexts.Input(RelationKind.Rows, SqlType.Varchar).Schema));
        Rows.Signal(whole, OperatorSignal.End).ShouldBe([" @0"]);

        static long? Value(Row row) => (long?)row.Values[0];
        static string Join(IEnumerable<long?> values) => string.Join('+', values);
    }

    private static LogicalAggregate Grouping(BoundExpression[] keys, AggregateCall[] calls, PlanSchema schema) =>
        new(new LogicalValues([], schema), keys, calls, null, false, schema);

    private static Row[] RandomRows(int seed, int count, int values)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(i => Row.At(i,
            random.Next(10) == 0 ? null : (long)random.Next(values),
            random.Next(10) == 0 ? null : $"t{random.Next(values / 3)}")).ToArray();
    }

    private static IEnumerable<string> Texts(IEnumerable<Row> rows) =>
        rows.Select(static row => $"{row.Values[0] ?? "null"},{row.Values[1] ?? "null"} @{row.Time}");

    private static IEnumerable<string> Expected(JoinKind kind, Row[] left, Row[] right, Func<Row, Row, bool> matches)
    {
        foreach (var l in left)
        {
            var found = right.Where(r => matches(l, r)).ToArray();
            if (kind is JoinKind.Semi or JoinKind.Anti)
            {
                if (found.Length > 0 == (kind == JoinKind.Semi))
                    yield return Text(l);
                continue;
            }

            foreach (var r in found)
                yield return $"{Text(l)},{Text(r)}";
            if (found.Length == 0 && kind is (JoinKind.Left or JoinKind.Full))
                yield return $"{Text(l)},null,null";
        }

        if (kind is not (JoinKind.Right or JoinKind.Full))
            yield break;
        foreach (var r in right.Where(r => !left.Any(l => matches(l, r))))
            yield return $"null,null,{Text(r)}";

        static string Text(Row row) => $"{row.Values[0] ?? "null"},{row.Values[1] ?? "null"}";
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Expressions;

public class ExpressionEvaluatorTests
{
    private static readonly object?[] Truths = [true, false, null];

    private static readonly SqlType[] Booleans = [SqlType.Boolean, SqlType.Boolean, SqlType.Boolean];

    [Fact]
    public void And_or_and_not_follow_three_valued_logic()
    {
        var rows = (from a in Truths from b in Truths from c in Truths select Row.At(0, a, b, c)).ToArray();
        BoundExpression[] columns = [.. Enumerable.Range(0, 3).Select(static i => Contexts.Column(i, SqlType.Boolean))];
        Evaluate(new BoundLogical(true, columns), Booleans, rows)
            .ShouldBe(rows.Select(static row => Text(row.Values.Aggregate((object?)true, And))));
        Evaluate(new BoundLogical(false, columns), Booleans, rows)
            .ShouldBe(rows.Select(static row => Text(row.Values.Aggregate((object?)false, Or))));
        Evaluate(new BoundNot(columns[0]), Booleans, rows)
            .ShouldBe(rows.Select(static row => Text(row.Values[0] is bool truth ? !truth : null)));
        Evaluate(new BoundIsNull(columns[1], false), Booleans, rows).ShouldBe(rows.Select(static row => Text(row.Values[1] is null)));
        Evaluate(new BoundIsNull(columns[1], true), Booleans, rows).ShouldBe(rows.Select(static row => Text(row.Values[1] is not null)));

        foreach (var predicate in new BoundExpression[] { new BoundLogical(true, columns), new BoundLogical(false, columns),
            new BoundNot(columns[0]) })
        {
            var passed = Evaluate(predicate, Booleans, rows).Select(static (text, i) => (text, i)).Where(static row => row.text == "true")
                .Select(static row => row.i);
            foreach (var batch in new[] { Rows.Batch(Booleans, rows), Rows.SparseBatches(Booleans, rows, 100).Single() })
            {
                var selection = new PredicateEvaluator(predicate, Contexts.Create()).Evaluate(batch, batch.Selection);
                var dense = batch.Selection.IsDense;
                Enumerable.Range(0, selection.Count).Select(i => dense ? selection[i] : selection[i] / 2).ShouldBe(passed);
            }
        }
    }

    [Fact]
    public void Random_predicates_over_long_batches_keep_what_a_loop_keeps()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 3001)
            .Select(_ => Row.At(0, (long)random.Next(100), random.Next(9) == 0 ? null : (long)random.Next(100))).ToArray();
        SqlType[] types = [SqlType.BigInt, SqlType.BigInt];
        var a = Contexts.Column(0, SqlType.BigInt);
        var b = Contexts.Column(1, SqlType.BigInt);
        var batch = Rows.Batch(types, rows);
        for (var round = 0; round < 40; round++)
        {
            long low = random.Next(100), high = random.Next(100);
            var predicate = new BoundLogical(true,
            [
                Contexts.Call("<", a, Contexts.Literal(high, SqlType.BigInt)),
                new BoundLogical(false, [Contexts.Call(">", b, Contexts.Literal(low, SqlType.BigInt)), new BoundIsNull(b, false)]),
            ]);
            var selection = new PredicateEvaluator(predicate, Contexts.Create()).Evaluate(batch, batch.Selection);
            var expected = Enumerable.Range(0, rows.Length)
                .Where(i => (long)rows[i].Values[0]! < high && (rows[i].Values[1] is not long value || value > low));
            Enumerable.Range(0, selection.Count).Select(i => selection[i]).ShouldBe(expected);
        }
    }

    [Fact]
    public void Later_operands_and_branches_see_only_the_rows_that_reach_them()
    {
        var rows = (from a in Truths from b in Truths select Row.At(0, a, b, true)).ToArray();
        var probe = new Probe();
        var last = new BoundCall("PROBE", new ScalarBinding([SqlType.Boolean], SqlType.Boolean, probe),
            [Contexts.Column(2, SqlType.Boolean)]);

        Evaluate(new BoundLogical(true, [Contexts.Column(0, SqlType.Boolean), Contexts.Column(1, SqlType.Boolean), last]), Booleans, rows);
        probe.TakeSeen().ShouldBe(Where(rows, static row => row[0] is not false && row[1] is not false));
        Evaluate(new BoundLogical(false, [Contexts.Column(0, SqlType.Boolean), last]), Booleans, rows);
        probe.TakeSeen().ShouldBe(Where(rows, static row => row[0] is not true));
        Evaluate(new BoundCase([new(Contexts.Column(0, SqlType.Boolean), last)], Contexts.Column(1, SqlType.Boolean), SqlType.Boolean),
            Booleans, rows)
            .ShouldBe(rows.Select(static row => Text(row.Values[0] is true ? true : row.Values[1])));
        probe.TakeSeen().ShouldBe(Where(rows, static row => row[0] is true));
        Evaluate(new BoundCoalesce([Contexts.Column(0, SqlType.Boolean), Contexts.Column(1, SqlType.Boolean), last], SqlType.Boolean),
            Booleans, rows)
            .ShouldBe(rows.Select(static row => Text(row.Values[0] ?? row.Values[1] ?? true)));
        probe.TakeSeen().ShouldBe(Where(rows, static row => row[0] is null && row[1] is null));
    }

    [Fact]
    public void Case_without_else_gives_null_and_copies_text()
    {
        SqlType[] types = [SqlType.BigInt, SqlType.Varchar];
        var rows = Enumerable.Range(0, 9).Select(static i => Row.At(0, (long)i, i == 4 ? null : $"t{i}")).ToArray();
        var choice = new BoundCase(
            [
                new(Contexts.Call("<", Contexts.Column(0, SqlType.BigInt), Contexts.Literal(3L, SqlType.BigInt)),
                    Contexts.Literal("low", SqlType.Varchar)),
                new(Contexts.Call("<", Contexts.Column(0, SqlType.BigInt), Contexts.Literal(6L, SqlType.BigInt)),
                    Contexts.Column(1, SqlType.Varchar)),
            ], null, SqlType.Varchar);
        Evaluate(choice, types, rows).ShouldBe(["low", "low", "low", "t3", "null", "t5", "null", "null", "null"]);
    }

    [Fact]
    public void A_failed_row_is_null_and_counted_in_a_continuous_query_up_to_the_function_it_is_an_argument_of()
    {
        SqlType[] types = [SqlType.BigInt, SqlType.BigInt];
        Row[] rows = [Row.At(0, 6L, 2L), Row.At(0, 6L, 0L), Row.At(0, 9L, 3L)];
        var division = Contexts.Call("/", Contexts.Column(0, SqlType.BigInt), Contexts.Column(1, SqlType.BigInt));
        var context = Contexts.Create();
        Evaluate(division, types, rows, context).ShouldBe(["3", "null", "3"]);
        Evaluate(new BoundCoalesce([division, Contexts.Literal(5L, SqlType.BigInt)], SqlType.BigInt), types, rows, context)
            .ShouldBe(["3", "5", "3"]);
        Evaluate(Contexts.Call("+", division, Contexts.Literal(1L, SqlType.BigInt)), types, rows, context).ShouldBe(["4", "null", "4"]);
        context.Counters.FailedExpressions.ShouldBe(3);

        var batch = Rows.Batch(types, rows);
        var predicate = new BoundNot(Contexts.Call("=", division, Contexts.Literal(77L, SqlType.BigInt)));
        var passed = new PredicateEvaluator(predicate, context).Evaluate(batch, batch.Selection);
        Enumerable.Range(0, passed.Count).Select(i => passed[i]).ShouldBe([0, 2]);
    }

    [Fact]
    public void A_failed_row_ends_a_bounded_query_but_one_that_is_not_reached_does_not()
    {
        SqlType[] types = [SqlType.BigInt, SqlType.BigInt];
        Row[] rows = [Row.At(0, 6L, 2L), Row.At(0, 6L, 0L)];
        var division = Contexts.Call("/", Contexts.Column(0, SqlType.BigInt), Contexts.Column(1, SqlType.BigInt));
        var context = Contexts.Create(failOnError: true);
        Should.Throw<SqlException>(() => Evaluate(division, types, rows, context)).SqlState.ShouldBe("22012");
        var guarded = new BoundCase(
            [new(Contexts.Call("<>", Contexts.Column(1, SqlType.BigInt), Contexts.Literal(0L, SqlType.BigInt)), division)], null,
            SqlType.BigInt);
        Evaluate(guarded, types, rows, context).ShouldBe(["3", "null"]);
        var constant = Contexts.Call("/", Contexts.Literal(1L, SqlType.BigInt), Contexts.Literal(0L, SqlType.BigInt));
        var never = new BoundCase([new(Contexts.Literal(false, SqlType.Boolean), constant)], Contexts.Literal(1L, SqlType.BigInt),
            SqlType.BigInt);
        Evaluate(never, types, rows, context).ShouldBe(["1", "1"]);
    }

    [Fact]
    public void Constants_parameters_and_pseudo_columns()
    {
        var context = Contexts.Create();
        var constant = Contexts.Call("+", Contexts.Literal(40L, SqlType.BigInt), Contexts.Literal(2L, SqlType.BigInt));
        ExpressionEvaluator.EvaluateConstant(constant, context).ShouldBe(42L);
        var parameters = new OperatorContext
        {
            Partition = 0, Time = TimeProvider.System, Rules = RuleSet.Postgres, Emission = EmissionMode.PerCommit,
            Counters = context.Counters,
            Budget = context.Budget, FailOnError = true, Parameters = ["x"],
        };
        ExpressionEvaluator.EvaluateConstant(new BoundParameter(0, SqlType.Varchar), parameters).ShouldBe("x");
        Should.Throw<SqlException>(() => ExpressionEvaluator.EvaluateConstant(new BoundParameter(1, SqlType.Varchar),
            parameters)).SqlState.ShouldBe("42P02");

        var batch = Rows.Batch([SqlType.BigInt], [Row.At(7, 1L), Row.At(8, 1L)]);
        batch.Partition = 5;
        Evaluate(new BoundPseudoColumn(PseudoColumn.RowTime), batch, context).ShouldBe(["7", "8"]);
        Evaluate(new BoundPseudoColumn(PseudoColumn.RowPartition), batch, context).ShouldBe(["5", "5"]);
        Evaluate(new BoundPseudoColumn(PseudoColumn.RowOffset), batch, context).ShouldBe(["null", "null"]);
    }

    private static object? And(object? a, object? b) => a is false || b is false ? false : a is null || b is null ? null : true;

    private static object? Or(object? a, object? b) => a is true || b is true ? true : a is null || b is null ? null : false;

    private static string Text(object? truth) => truth is bool value ? (value ? "true" : "false") : "null";

    private static List<int> Where(Row[] rows, Predicate<object?[]> condition) =>
        Enumerable.Range(0, rows.Length).Where(i => condition(rows[i].Values)).ToList();

    private static List<string> Evaluate(BoundExpression expression, SqlType[] types, Row[] rows, OperatorContext? context = null)
    {
        var dense = Evaluate(expression, Rows.Batch(types, rows), context ?? Contexts.Create());
        if (context is null)
            Evaluate(expression, Rows.SparseBatches(types, rows, rows.Length).Single(), Contexts.Create()).ShouldBe(dense);
        return dense;
    }

    private static List<string> Evaluate(BoundExpression expression, ChangeBatch batch, OperatorContext context)
    {
        var result = new ExpressionEvaluator(expression, context).Evaluate(batch, batch.Selection);
        return Enumerable.Range(0, batch.Selection.Count).Select(i => Rows.Values([result], batch.Selection[i])).ToList();
    }

    /// <summary>Gives its argument and remembers the rows that it was asked for.</summary>
    private sealed class Probe : ScalarKernel
    {
        private readonly List<int> _seen = [];
        private int _rowCount;

        public List<int> TakeSeen()
        {
            // Every expression is evaluated over dense and over sparse rows; both must ask for the same.
            var dense = _seen.Take(_rowCount).ToList();
            _seen.Skip(_rowCount).Select(static row => row / 2).ShouldBe(dense);
            _seen.Clear();
            _rowCount = 0;
            return dense;
        }

        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            for (var i = 0; i < context.Rows.Count; i++)
            {
                _seen.Add(context.Rows[i]);
                ((FixedColumn<byte>)result).Values[context.Rows[i]] = ((FixedColumn<byte>)arguments[0])[context.Rows[i]];
            }

            if (_rowCount == 0)
                _rowCount = _seen.Count;
        }
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Functions;

/// <summary>Kernels over whole columns: nulls, constants, selections, long batches.</summary>
public class KernelTests
{
    private static readonly SqlType Int = SqlType.Integer;

    [Fact]
    public void Nulls_of_either_side_make_nulls() =>
        Evaluate("+", RuleSet.Ksql, RowSelection.All(4), Columns.Of(Int, 1, null, 3, null), Columns.Of(Int, 10, 20, null, null))
            .ShouldBe(["11", "null", "null", "null"]);

    [Fact]
    public void Ksql_compares_nulls_as_false_and_postgres_as_null()
    {
        var (left, right) = (Columns.Of(Int, 1, null, 3), Columns.Of(Int, 1, 2, null));
        Evaluate("=", RuleSet.Ksql, RowSelection.All(3), left, right).ShouldBe(["true", "false", "false"]);
        Evaluate("<>", RuleSet.Ksql, RowSelection.All(3), left, right).ShouldBe(["false", "false", "false"]);
        Evaluate("=", RuleSet.Postgres, RowSelection.All(3), left, right).ShouldBe(["true", "null", "null"]);
        Evaluate("IS DISTINCT FROM", RuleSet.Ksql, RowSelection.All(3), left, right).ShouldBe(["false", "true", "true"]);
    }

    [Theory]
    [InlineData("-")]
    [InlineData("*")]
    [InlineData("/")]
    [InlineData("<=")]
    public void Constants_and_columns_give_the_same(string op)
    {
        const int Rows = 1000;
        var values = Enumerable.Range(-500, Rows).Select(static i => (object?)(long)i).ToArray();
        var column = Columns.Of(SqlType.BigInt, values);
        var sevens = Columns.Of(SqlType.BigInt, Enumerable.Repeat((object?)7L, Rows).ToArray());
        var seven = Columns.Constant(SqlType.BigInt, 7L);
        var expected = Evaluate(op, RuleSet.Ksql, RowSelection.All(Rows), column, sevens);
        expected[507].ShouldBe(op switch { "-" => "0", "*" => "49", "/" => "1", _ => "true" });
        Evaluate(op, RuleSet.Ksql, RowSelection.All(Rows), column, seven).ShouldBe(expected);
        if (op != "/")
            Evaluate(op, RuleSet.Ksql, RowSelection.All(Rows), seven, column)
                .ShouldBe(Evaluate(op, RuleSet.Ksql, RowSelection.All(Rows), sevens, column));
        Evaluate(op, RuleSet.Ksql, RowSelection.All(Rows), seven,
            seven)[999].ShouldBe(op switch { "-" => "0", "*" => "49", "/" => "1", _ => "true" });
    }

    [Theory]
    [InlineData("=")]
    [InlineData("<>")]
    [InlineData("<")]
    [InlineData("<=")]
    [InlineData(">")]
    [InlineData(">=")]
    public void Comparisons_with_a_constant_are_the_same_at_any_length(string op)
    {
        Func<long, bool> passes = op switch
        {
            "=" => static value => value == 3,
            "<>" => static value => value != 3,
            "<" => static value => value < 3,
            "<=" => static value => value <= 3,
            ">" => static value => value > 3,
            _ => static value => value >= 3,
        };
        foreach (var type in new[] { SqlType.Integer, SqlType.BigInt })
        {
            var (least, most) = type == SqlType.Integer ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
            long[] some = [3, 4, 2, -3, most, least, 0, 3];
            object Value(long value)
            {
                if (type == SqlType.Integer)
                    return (int)value;
                return value;
            }

            for (var rows = 1; rows < 70; rows++)
            {
                long[] values = [.. Enumerable.Range(0, rows).Select(row => some[row * 5 % some.Length])];
                Evaluate(op, RuleSet.Postgres, RowSelection.All(rows), Columns.Of(type, [.. values.Select(Value)]),
                    Columns.Constant(type, Value(3)))
                    .ShouldBe(values.Select(value => passes(value) ? "true" : "false"));
            }
        }
    }

    [Fact]
    public void A_null_constant_makes_every_row_null() =>
        Evaluate("+", RuleSet.Ksql, RowSelection.All(2), Columns.Of(Int, 1, 2), Columns.Constant(Int, null)).ShouldBe(["null", "null"]);

    [Fact]
    public void Only_selected_rows_are_tried()
    {
        var errors = new EvaluationErrors();
        var result = Run("/", RuleSet.Ksql, RowSelection.Of([1, 3], 2), errors, Columns.Of(Int, 1, 6, 1, 8), Columns.Of(Int, 0, 2, 0, 2));
        errors.Count.ShouldBe(0);
        ExpressionRunner.Show(result, 1).ShouldBe("3");
        ExpressionRunner.Show(result, 3).ShouldBe("4");
    }

    [Fact]
    public void A_failing_row_is_reported_and_null_and_the_others_go_on()
    {
        var errors = new EvaluationErrors();
        var result = Run("/", RuleSet.Ksql, RowSelection.All(4), errors, Columns.Of(Int, 1, 6, null, 8), Columns.Of(Int, 0, 2, 0, 2));
        Columns.Show(result, 4).ShouldBe(["null", "3", "null", "4"]);
        (errors.Count, errors.FirstRow, errors.FirstSqlState, errors.FirstMessage).ShouldBe((1, 0, "22012", "division by zero"));
    }

    [Fact]
    public void Text_kernels_take_constants_nulls_and_selections()
    {
        var texts = Columns.Of(SqlType.Varchar, "b", null, "a", "c");
        Evaluate("<", RuleSet.Ksql, RowSelection.All(4), texts, Columns.Constant(SqlType.Varchar, "b"))
            .ShouldBe(["false", "false", "true", "false"]);
        Evaluate("||", RuleSet.Ksql, RowSelection.All(4), texts, Columns.Constant(SqlType.Varchar, "!"))
            .ShouldBe(["b!", "null", "a!", "c!"]);
        Evaluate("LIKE", RuleSet.Ksql, RowSelection.All(4), texts, Columns.Of(SqlType.Varchar, "b%", "%", "_", "d"))
            .ShouldBe(["true", "null", "true", "false"]);
    }

    [Fact]
    public void Arithmetic_in_steady_state_allocates_nothing()
    {
        var left = Columns.Of(SqlType.BigInt, Enumerable.Range(0, 4096).Select(static i => (object?)(long)i).ToArray());
        var right = Columns.Constant(SqlType.BigInt, 3L);
        var binding = BuiltInFunctions.Registry.FindScalar("+").Select(found => found.Bind([SqlType.BigInt, SqlType.BigInt], RuleSet.Ksql))
            .FirstOrDefault(static bound => bound is not null)!;
        var result = Columns.Empty(SqlType.BigInt, 4096);
        Column[] arguments = [left, right];
        var context = new KernelContext(RowSelection.All(4096), 4096, new EvaluationErrors(), TimeProvider.System);
        binding.Kernel.Evaluate(context, arguments, result);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            result.Reset(4096);
            binding.Kernel.Evaluate(context, arguments, result);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        ((FixedColumn<long>)result).Values[4095].ShouldBe(4098);
    }

    private static string[] Evaluate(string name, RuleSet rules, RowSelection rows, params Column[] arguments) =>
        Columns.Show(Run(name, rules, rows, new EvaluationErrors(), arguments), rows.Count);

    private static Column Run(string name, RuleSet rules, RowSelection rows, EvaluationErrors errors, params Column[] arguments)
    {
        var rowCount = Math.Max(rows.Count, arguments.Max(static a => a.IsConstant ? 1 : a.Capacity));
        var binding = BuiltInFunctions.Registry.FindScalar(name)
            .Select(found => found.Bind([.. arguments.Select(static a => a.Type)], rules))
            .FirstOrDefault(static bound => bound is not null);
        binding.ShouldNotBeNull();
        var result = Columns.Empty(binding.ResultType, rowCount);
        binding.Kernel.Evaluate(new(rows, rowCount, errors, TimeProvider.System), arguments, result);
        return result;
    }
}

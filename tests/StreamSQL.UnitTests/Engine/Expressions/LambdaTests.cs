using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Expressions;

public class LambdaTests
{
    private const string Columns = "K INTEGER, A ARRAY<INTEGER>, B BIGINT, M MAP<VARCHAR, INTEGER>, S ARRAY<VARCHAR>";

    public static TheoryData<string, string> Examples() =>
        new(BuiltInFunctions.Registry.Lambdas.SelectMany(static function => function.Doc.Examples)
            .Select(static example => (example.Expression, example.Result)));

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_gives_its_result(string expression, string result) => SqlExpressions.Run(expression).ShouldBe(result);

    [Theory]
    [InlineData("TRANSFORM(A, x => x + B)", "[11, 12]", "[]", "null")]
    [InlineData("TRANSFORM(A, x => TRANSFORM(S, s => s || CAST(x + K AS VARCHAR)))", "[[a2, b2], [a3, b3]]", "[]", "null")]
    [InlineData("TRANSFORM(A, x => 7)", "[7, 7]", "[]", "null")]
    [InlineData("TRANSFORM(S, x => x)", "[a, b]", "[null]", "null")]
    [InlineData("TRANSFORM(S, x => LEN(x))", "[1, 1]", "[null]", "null")]
    [InlineData("TRANSFORM(A, A => A * 2)", "[2, 4]", "[]", "null")]
    [InlineData("TRANSFORM(M, (k, v) => 'same', (k, v) => v)", "null", "{}", "null")]
    [InlineData("FILTER(A, x => x >= K + 1)", "[2]", "[]", "null")]
    [InlineData("FILTER(S, x => x = 'b')", "[b]", "[]", "null")]
    [InlineData("FILTER(M, (k, v) => k = 'p' OR v > 5)", "{p=1}", "{}", "null")]
    [InlineData("REDUCE(A, B, (s, x) => s * 2 + x)", "44", "20", "null")]
    [InlineData("REDUCE(MAP('yes, thanks' := 1, 'nope' := 2, 'sure, yeah' := 3), '', (s, k, v) => s || k)", "yes, thankssure, yeahnope",
        "yes, thankssure, yeahnope", "yes, thankssure, yeahnope")]
    [InlineData("REDUCE(S, '', (s, x) => s || x)", "ab", "null", "")]
    [InlineData("REDUCE(A, 0, (s, x) => s + x * B)", "30", "0", "0")]
    [InlineData("REDUCE(M, 0, (s, k, v) => s + v + REDUCE(A, 0, (t, x) => t + x + s))", "17", "0", "0")]
    public void Bodies_see_elements_and_the_row_around_them(string expression, params string[] results) =>
        SqlExpressions.Run(Columns, expression,
        [
            Row.At(0, 1, List(1, 2), 10L, Map(("p", 1), ("q", 2)), List("a", "b")),
            Row.At(0, 2, List(), 20L, Map(), List((object?)null)),
            Row.At(0, 3, null, null, null, null),
        ]).ShouldBe(results);

    [Theory]
    [InlineData("TRANSFORM(A, x => x + 1)")]
    [InlineData("TRANSFORM(A, x => 6 / x)")]
    [InlineData("TRANSFORM(M, (k, v) => CASE WHEN v = 1 THEN k ELSE CAST(NULL AS VARCHAR) END, (k, v) => v)")]
    public void A_body_that_fails_takes_the_value_of_its_row_alone(string expression) =>
        SqlExpressions.Run(Columns, expression,
        [
            Row.At(0, 1, List(3, null, 0), null, Map(("p", 1), ("q", 2)), null),
            Row.At(0, 1, List(2), null, Map(("p", 1)), null),
        ]).Select(static text => text == "null").ShouldBe([true, false]);

    [Fact]
    public void Many_elements_give_what_a_loop_gives()
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, 700).Select(i =>
        {
            var length = i == 300 ? 20_000 : random.Next(30);
            var values = random.Next(10) == 0 ? null : List([.. Enumerable.Range(0, length).Select(_ => (object)random.Next(100))]);
            return Row.At(i, random.Next(5), values, (long)random.Next(100), null, null);
        }).ToArray();
        List<string> Wanted(Func<int[], int, long, string> result) =>
            [.. rows.Select(row => row.Values[1] is object?[] a
                ? result([.. a.Select(static v => (int)v!)], (int)row.Values[0]!, (long)row.Values[2]!) : "null")];

        SqlExpressions.Run(Columns, "TRANSFORM(A, x => x * K + B)", rows)
            .ShouldBe(Wanted((a, k, b) => $"[{string.Join(", ", a.Select(x => (x * k) + b))}]"));
        SqlExpressions.Run(Columns, "FILTER(A, x => x % 5 = K)", rows)
            .ShouldBe(Wanted((a, k, _) => $"[{string.Join(", ", a.Where(x => x % 5 == k))}]"));
        SqlExpressions.Run(Columns, "REDUCE(A, B, (s, x) => (s + x) % 1000)", rows)
            .ShouldBe(rows.Select(static row => ((object?[]?)row.Values[1] ?? []).Aggregate((long)row.Values[2]!,
                static (s, x) => (s + (int)x!) % 1000).ToString()));
    }

    [Fact]
    public void A_state_is_as_wide_as_its_body() =>
        (SqlExpressions.TypeOf(Columns, "REDUCE(A, 0, (s, x) => s + x)"), SqlExpressions.TypeOf(Columns, "REDUCE(A, 0, (s, x) => s + B)"))
            .ShouldBe((SqlType.Integer, SqlType.BigInt));

    [Theory]
    [InlineData("TRANSFORM(A, (x, y) => x)", "a lambda with 1 parameter is expected here, not with 2")]
    [InlineData("TRANSFORM(K, x => x)", "Function 'transform' does not accept parameters (INTEGER, LAMBDA).")]
    [InlineData("FILTER(A, x => x)", "Function 'filter' does not accept parameters (ARRAY<INTEGER>, LAMBDA).")]
    [InlineData("REDUCE(A, 0, (s, s) => s)", "lambda parameter S is there more than once")]
    [InlineData("REDUCE(A, 0, (s, x) => 'a')", "Function 'reduce' does not accept parameters (ARRAY<INTEGER>, INTEGER, LAMBDA).")]
    [InlineData("ABS(x => x)", "a lambda is not a value")]
    [InlineData("TRANSFORM(A, x => x) [y]", "Line: 1, Col: 30: SELECT column 'Y' cannot be resolved.")]
    public void What_cannot_be_meant_is_said(string expression, string message) =>
        Should.Throw<SqlException>(() => SqlExpressions.TypeOf(Columns, expression)).Message.ShouldBe(message);

    private static object?[] List(params object?[] values) => values;

    private static object Map(params (string Key, int Value)[] entries) =>
        entries.Select(static entry => new KeyValuePair<object, object?>(entry.Key, entry.Value)).ToArray();
}

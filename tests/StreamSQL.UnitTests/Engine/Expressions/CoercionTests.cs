using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Expressions;

/// <summary>ksqlDB's rules for values of several types side by side, and for arguments that fail.</summary>
public class CoercionTests
{
    private const string Columns = "K INTEGER, B BIGINT, T VARCHAR, F BOOLEAN, W TIME, A ARRAY<BIGINT>, S STRUCT<X INTEGER, Y BIGINT>";

    [Theory]
    [InlineData("ARRAY[NULL, 10, '2e1', K, B]", "[null, 10, 20, 30, 40]")]
    [InlineData("ARRAY[1, '2']", "[1, 2]")]
    [InlineData("ARRAY[T, 10]", "[foo, 10]")]
    [InlineData("ARRAY[F, 'no', 'TRUE']", "[true, false, true]")]
    [InlineData("ARRAY[S, STRUCT(Y := K, Z := B)]", "[Struct{Y=2,X=1}, Struct{Y=30,Z=40}]")]
    [InlineData("MAP(T := F, 10 := 'yes')", "{foo=true, 10=true}")]
    [InlineData("CASE WHEN F THEN '7' ELSE B END", "7")]
    [InlineData("K IN (1, 2.0, '30.00')", "true")]
    [InlineData("K IN (1, '31')", "false")]
    [InlineData("A IN (ARRAY['3', NULL], ARRAY['5', '123456789000'])", "true")]
    [InlineData("S IN (STRUCT(X := '1', Y := 2))", "true")]
    [InlineData("W IN ('09:16:00')", "true")]
    [InlineData("W BETWEEN '09:00:00' AND '10:00:00'", "true")]
    [InlineData("B BETWEEN '1' AND '40.5'", "true")]
    [InlineData("GREATEST(W, NULL, '09:15:00')", "09:16")]
    [InlineData("LEAST(K, B, '2.5')", "2.5")]
    public void Constants_follow_what_stands_beside_them(string expression, string result) => Run(expression).ShouldBe(result);

    [Fact]
    public void The_common_type_is_no_wider_than_it_must_be()
    {
        SqlExpressions.TypeOf(Columns, "ARRAY[NULL, 10, '2e1', K, B]").ShouldBe(SqlType.ArrayOf(SqlType.Decimal(19, 0)));
        SqlExpressions.TypeOf(Columns, "ARRAY[1, '2']").ShouldBe(SqlType.ArrayOf(SqlType.Integer));
        SqlExpressions.TypeOf(Columns, "STRUCT()").ShouldBe(SqlType.StructOf([]));
    }

    [Theory]
    [InlineData("ARRAY[44, PARSE_DATE(T, 'yyyyMMdd')]", "42804", "ARRAY types DATE and INTEGER cannot be matched")]
    [InlineData("ARRAY[1, 'not a number']", "22P02", "invalid input syntax for type INTEGER: \"not a number\".")]
    [InlineData("F IN (TRUE, 'Not a boolean')", "22P02", "Invalid Predicate: invalid input syntax for type BOOLEAN: \"Not a boolean\".")]
    [InlineData("K IN (10, '10 - not a number')", "22P02",
        "Invalid Predicate: invalid input syntax for type INTEGER: \"10 - not a number\".")]
    [InlineData("A IN (ARRAY['10', 'not 10'])", "22P02", "Invalid Predicate: invalid input syntax for type BIGINT: \"not 10\".")]
    [InlineData("GREATEST(NULL, NULL)", "42725", "Function 'greatest' cannot be resolved due to ambiguous method parameters (null, null).")]
    [InlineData("DATEADD(T, 5, T)", "42883", "Function 'dateadd' does not accept parameters (STRING, INTEGER, STRING).")]
    public void What_cannot_be_read_is_said(string expression, string state, string message)
    {
        var error = Should.Throw<SqlException>(() => SqlExpressions.TypeOf(Columns, expression));
        error.Message.ShouldBe(message);
        if (state.Length == 5)
            error.SqlState.ShouldBe(state);
    }

    [Theory]
    [InlineData("ARRAY['44', FORMAT_DATE(PARSE_DATE(T, 'yyyyMMdd'), 'yyyy')]", "[44, null]")]
    [InlineData("STRUCT(P := 'moo', Q := PARSE_DATE(T, 'yyyyMMdd'))", "Struct{P=moo}")]
    [InlineData("IFNULL(CAST(PARSE_DATE(T, 'yyyyMMdd') AS VARCHAR), 'none')", "none")]
    [InlineData("COALESCE(K / (B - 40), 7)", "7")]
    [InlineData("K + 1 / (B - 40)", "null")]
    [InlineData("CAST(ARRAY['1', T] AS ARRAY<INTEGER>)", "null")]
    public void An_argument_that_fails_is_NULL_to_its_function(string expression, string result) => Run(expression).ShouldBe(result);

    [Fact]
    public void An_element_that_cannot_be_cast_takes_its_own_row_alone()
    {
        Row[] rows = [.. new[] { "1", "x", "3" }.Select(static text => Row.At(0, 1, 1L, text, true, 0, null, null))];
        SqlExpressions.Run(Columns, "CAST(ARRAY['5', T] AS ARRAY<INTEGER>)", rows).ShouldBe(["[5, 1]", "null", "[5, 3]"]);
        SqlExpressions.Run(Columns, "CAST(MAP('a' := T) AS MAP<VARCHAR, INTEGER>)", rows).ShouldBe(["{a=1}", "null", "{a=3}"]);
    }

    [Theory]
    [InlineData("SELECT ABS(KSQL_COL_0), KSQL_COL_0, ABS(V), K FROM t", "K", "KSQL_COL_1", "KSQL_COL_0", "KSQL_COL_2")]
    [InlineData("SELECT K, S->V, S->X FROM t", "K", "V_1", "X")]
    [InlineData("SELECT * FROM t PARTITION BY ROWOFFSET", "ROWOFFSET", "V", "KSQL_COL_0", "S", "K")]
    [InlineData("SELECT 1 AS one, V FROM t PARTITION BY 1", "ONE", "V")]
    public void Generated_names_avoid_those_of_the_source(string select, params string[] names) =>
        SqlExpressions.Names("K INTEGER KEY, V BIGINT, KSQL_COL_0 INTEGER, S STRUCT<V INTEGER, X INTEGER>", select).ShouldBe(names);

    private static string Run(string expression) => SqlExpressions.Run(Columns, expression,
    [
        Row.At(0, 30, 40L, "foo", true, 33_360_000, new object?[] { 5L, 123456789000L }, new object?[] { 1, 2L }),
    ]).Single();
}

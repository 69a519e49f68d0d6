using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Functions;

public class OperatorTests
{
    [Theory]
    [InlineData("2147483647 + 1", "-2147483648")]
    [InlineData("9223372036854775807 + 1", "-9223372036854775808")]
    [InlineData("CAST(-2147483648 AS INTEGER) / -1", "-2147483648")]
    [InlineData("2147483647 + CAST(1 AS BIGINT)", "2147483648")]
    [InlineData("7 / -2", "-3")]
    [InlineData("1.0E0 / 0", "Infinity")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("10.1 * 2.0", "20.20")]
    [InlineData("CAST(10.1 AS DECIMAL(4,2)) / CAST(2 AS DECIMAL(4,2))", "5.0500000")]
    [InlineData("1 / CAST(3 AS DECIMAL(1,0))", "0.333333")]
    [InlineData("5.5 % 2", "1.5")]
    [InlineData("NULL + 1", "null")]
    [InlineData("1 = NULL", "false")]
    [InlineData("NULL IS NOT DISTINCT FROM NULL", "true")]
    [InlineData("NULL IS DISTINCT FROM 1", "true")]
    [InlineData("1 = 1.0", "true")]
    [InlineData("1.5 < 1.50E0", "false")]
    [InlineData("DATE '2001-01-01' < '2001-01-02'", "true")]
    [InlineData("ARRAY[1, 2] = ARRAY[1, 2]", "true")]
    [InlineData("MAP('a':=1, 'b':=2) = MAP('b':=2, 'a':=1)", "true")]
    [InlineData("STRUCT(A:=1) <> STRUCT(A:=2)", "true")]
    [InlineData("'abcabd' LIKE '%ab_'", "true")]
    [InlineData("'a%c' LIKE 'a\\%c'", "false")]
    [InlineData("'straße' LIKE 'stra_e'", "true")]
    [InlineData("'ÄRGER' ILIKE 'ärg%'", "true")]
    public void Follows_ksqlDBs_rules(string expression, string result) => ExpressionRunner.Run(expression).ShouldBe(result);

    [Theory]
    [InlineData("1 = NULL", "null")]
    [InlineData("7 / 2", "3")]
    [InlineData("1.0 / 3", "0.33333333333333333333")]
    [InlineData("'a%c' LIKE 'a\\%c'", "true")]
    [InlineData("DATE '2001-01-31' + 1", "2001-02-01")]
    [InlineData("DATE '2001-02-01' - DATE '2001-01-01'", "31")]
    [InlineData("TIMESTAMP '2001-01-01' + INTERVAL '1 day 02:00'", "2001-01-02T02:00:00.000")]
    [InlineData("'a' || 1", "a1")]
    [InlineData("'a7' ~ '[[:digit:]]'", "true")]
    [InlineData("'a' !~ '[[:digit:]]'", "true")]
    [InlineData("REGEXP_REPLACE('abc', '(a)(b)', '\\2$\\1')", "b$ac")]
    [InlineData("REGEXP_REPLACE('😀a', 'x|', '-', 'g')", "-😀-a-")]
    [InlineData("LPAD('a', -2, 'x')", "")]
    [InlineData("RPAD('a', 3, '')", "a")]
    [InlineData("INITCAP('ab%cd e_f')", "Ab%Cd E_F")]
    [InlineData("ARRAY[7, 8][-1]", "null")]
    [InlineData("STRING_TO_ARRAY('aXc', '')", "[aXc]")]
    [InlineData("STRING_TO_ARRAY('', ',')", "[]")]
    public void Follows_PostgreSQLs_rules(string expression, string result) =>
        ExpressionRunner.Run(expression, RuleSet.Postgres).ShouldBe(result);

    [Theory]
    [InlineData("1 / 0", RuleSet.Ksql, "22012")]
    [InlineData("1 % 0", RuleSet.Ksql, "22012")]
    [InlineData("1.5 / 0.0", RuleSet.Ksql, "22012")]
    [InlineData("1.0E0 / 0", RuleSet.Postgres, "22012")]
    [InlineData("2147483647 + 1", RuleSet.Postgres, "22003")]
    [InlineData("-2147483648 - 1", RuleSet.Postgres, "22003")]
    [InlineData("9223372036854775807 * 2", RuleSet.Postgres, "22003")]
    [InlineData("'a' LIKE 'a\\'", RuleSet.Postgres, "22025")]
    [InlineData("'a' ~ '('", RuleSet.Postgres, "2201B")]
    public void Reports_failures(string expression, RuleSet rules, string sqlState) =>
        ExpressionRunner.RunToError(expression, rules).ShouldBe(sqlState);

    [Fact]
    public void Decimal_types_follow_the_written_rules()
    {
        var (a, b) = (SqlType.Decimal(4, 2), SqlType.Decimal(5, 3));
        ResultOf("+", a, b).ShouldBe(SqlType.Decimal(6, 3));
        ResultOf("*", a, b).ShouldBe(SqlType.Decimal(10, 5));
        ResultOf("/", a, b).ShouldBe(SqlType.Decimal(13, 8));
        ResultOf("%", a, b).ShouldBe(SqlType.Decimal(5, 3));
        ResultOf("+", a, SqlType.Integer).ShouldBe(SqlType.Decimal(13, 2));
        ResultOf("+", a, SqlType.Double).ShouldBe(SqlType.Double);
        ResultOf("*", SqlType.Decimal(38, 10), SqlType.Decimal(38, 10)).Precision.ShouldBe(38);
    }

    [Theory]
    [InlineData("<")]
    [InlineData(">=")]
    public void Nested_values_have_no_order(string op) =>
        BuiltInFunctions.Registry.FindScalar(op)
            .Select(found => found.Bind([SqlType.ArrayOf(SqlType.Integer), SqlType.ArrayOf(SqlType.Integer)], RuleSet.Ksql))
            .FirstOrDefault(static bound => bound is not null).ShouldBeNull();

    [Fact]
    public void A_number_does_not_compare_with_a_text() =>
        BuiltInFunctions.Registry.FindScalar("=").Select(found => found.Bind([SqlType.Integer, SqlType.Varchar], RuleSet.Ksql))
            .FirstOrDefault(static bound => bound is not null).ShouldBeNull();

    private static SqlType ResultOf(string op, SqlType left, SqlType right) =>
        BuiltInFunctions.Registry.FindScalar(op).Select(found => found.Bind([left, right], RuleSet.Ksql))
            .FirstOrDefault(static bound => bound is not null)!.ResultType;
}

using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Functions;

public class CastTests
{
    [Theory]
    [InlineData("CAST(2147483648 AS INTEGER)", "-2147483648")]
    [InlineData("CAST(-1.9E0 AS INTEGER)", "-1")]
    [InlineData("CAST(1E20 AS BIGINT)", "9223372036854775807")]
    [InlineData("CAST(0.99E0 AS DECIMAL(2,1))", "1.0")]
    [InlineData("CAST('0.95' AS DECIMAL(2,1))", "1.0")]
    [InlineData("CAST(' 12 ' AS INTEGER)", "12")]
    [InlineData("CAST('yes' AS BOOLEAN)", "true")]
    [InlineData("CAST('nonsense' AS BOOLEAN)", "false")]
    [InlineData("CAST(1E10 AS VARCHAR)", "1.0E10")]
    [InlineData("CAST(0.001E0 AS VARCHAR)", "0.001")]
    [InlineData("CAST(0.0001E0 AS VARCHAR)", "1.0E-4")]
    [InlineData("CAST(123456.789E0 AS VARCHAR)", "123456.789")]
    [InlineData("CAST(9999999E0 AS VARCHAR)", "9999999.0")]
    [InlineData("CAST(-0.05 AS VARCHAR)", "-0.05")]
    [InlineData("CAST(12345678901234567890123.5 AS VARCHAR)", "12345678901234567890123.5")]
    [InlineData("CAST(TIMESTAMP '1970-01-01T00:00:00.010' AS VARCHAR)", "1970-01-01T00:00:00.010")]
    [InlineData("CAST('2022-04-28T21:44:47.943Z' AS TIMESTAMP)", "2022-04-28T21:44:47.943")]
    [InlineData("CAST('2019-01-01T00:00:00+0445' AS TIMESTAMP)", "2018-12-31T19:15:00.000")]
    [InlineData("CAST('2018' AS TIMESTAMP)", "2018-01-01T00:00:00.000")]
    [InlineData("CAST('1970-01' AS DATE)", "1970-01-01")]
    [InlineData("CAST('00:01' AS TIME)", "00:01")]
    [InlineData("CAST(TIME '00:00:05' AS VARCHAR)", "00:00:05")]
    [InlineData("CAST(TIMESTAMP '1969-12-31T23:59:58' AS DATE)", "1969-12-31")]
    [InlineData("CAST(ARRAY[1, 3] AS VARCHAR)", "[1, 3]")]
    [InlineData("CAST(MAP('this':=1) AS VARCHAR)", "{this=1}")]
    [InlineData("CAST(STRUCT(F0:=1, F1:=3) AS VARCHAR)", "Struct{F0=1,F1=3}")]
    [InlineData("CAST(ARRAY[1, 3, 2147483648] AS ARRAY<INTEGER>)", "[1, 3, -2147483648]")]
    [InlineData("CAST(ARRAY[ARRAY[1], ARRAY[2, 3]] AS ARRAY<ARRAY<VARCHAR>>)", "[[1], [2, 3]]")]
    [InlineData("CAST(NULL AS INTEGER)", "null")]
    public void Follows_ksqlDBs_rules(string expression, string result) => ExpressionRunner.Run(expression).ShouldBe(result);

    [Theory]
    [InlineData("CAST(2.5E0 AS INTEGER)", "2")]
    [InlineData("CAST(3.5E0 AS INTEGER)", "4")]
    [InlineData("CAST(2.5 AS INTEGER)", "3")]
    [InlineData("CAST(-2.5 AS INTEGER)", "-3")]
    [InlineData("CAST(1E20 AS VARCHAR)", "1e+20")]
    [InlineData("CAST(1.5E-5 AS VARCHAR)", "1.5e-05")]
    [InlineData("CAST(100000E0 AS VARCHAR)", "100000")]
    [InlineData("CAST(TIMESTAMP '2001-02-03 04:05:06.700' AS VARCHAR)", "2001-02-03 04:05:06.7+00")]
    [InlineData("CAST('on' AS BOOLEAN)", "true")]
    [InlineData("CAST(5 AS BOOLEAN)", "true")]
    [InlineData("CAST(CAST('\\x0aff' AS BYTES) AS VARCHAR)", "\\x0aff")]
    [InlineData("CAST(INTERVAL '26 hours' AS VARCHAR)", "26:00:00")]
    public void Follows_PostgreSQLs_rules(string expression, string result) =>
        ExpressionRunner.Run(expression, RuleSet.Postgres).ShouldBe(result);

    [Theory]
    [InlineData("CAST('x' AS INTEGER)", RuleSet.Ksql, "22P02")]
    [InlineData("CAST('99999999999' AS INTEGER)", RuleSet.Postgres, "22003")]
    [InlineData("CAST('99999999999999999999' AS BIGINT)", RuleSet.Postgres, "22003")]
    [InlineData("CAST(3000000000 AS INTEGER)", RuleSet.Postgres, "22003")]
    [InlineData("CAST(1E20 AS BIGINT)", RuleSet.Postgres, "22003")]
    [InlineData("CAST('maybe' AS BOOLEAN)", RuleSet.Postgres, "22P02")]
    [InlineData("CAST('foo' AS DATE)", RuleSet.Ksql, "22007")]
    [InlineData("CAST('2001-02-30' AS DATE)", RuleSet.Postgres, "22008")]
    [InlineData("CAST(10 AS DECIMAL(2,1))", RuleSet.Ksql, "22003")]
    [InlineData("CAST('abc' AS DECIMAL(2,1))", RuleSet.Ksql, "22P02")]
    public void Reports_failures(string expression, RuleSet rules, string sqlState) =>
        ExpressionRunner.RunToError(expression, rules).ShouldBe(sqlState);

    [Fact]
    public void Has_no_cast_where_there_is_none()
    {
        Casts.Find(SqlType.Varchar, SqlType.ArrayOf(SqlType.Integer), RuleSet.Ksql).ShouldBeNull();
        Casts.Find(SqlType.Boolean, SqlType.Integer, RuleSet.Ksql).ShouldBeNull();
        Casts.Find(SqlType.Date, SqlType.Double, RuleSet.Postgres).ShouldBeNull();
    }

    [Fact]
    public void Ranks_implicit_casts_by_width()
    {
        TypeCoercion.Cost(SqlType.Integer, SqlType.BigInt, RuleSet.Ksql)
            .ShouldBeLessThan(TypeCoercion.Cost(SqlType.Integer, SqlType.Double, RuleSet.Ksql));
        TypeCoercion.CanImplicitlyCast(SqlType.BigInt, SqlType.Integer, RuleSet.Ksql).ShouldBeFalse();
        TypeCoercion.CanImplicitlyCast(SqlType.Varchar, SqlType.Integer, RuleSet.Ksql).ShouldBeFalse();
        TypeCoercion.CommonType(SqlType.Decimal(4, 2), SqlType.BigInt, RuleSet.Ksql).ShouldBe(SqlType.Decimal(21, 2));
        TypeCoercion.CommonType(SqlType.Unknown, SqlType.Date, RuleSet.Postgres).ShouldBe(SqlType.Date);
        TypeCoercion.CommonType(SqlType.Boolean, SqlType.Integer, RuleSet.Ksql).ShouldBeNull();
    }
}

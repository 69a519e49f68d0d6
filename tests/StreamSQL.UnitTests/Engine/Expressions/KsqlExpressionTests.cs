using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;
using StreamSQL.UnitTests.Sql;

namespace StreamSQL.UnitTests.Engine.Expressions;

/// <summary>
/// Expressions of ksqlDB's dialect in continuous queries, over one row of a stream: null arguments,
/// edge values and every overload of its functions.
/// </summary>
public class KsqlExpressionTests
{
    private const string Columns = """
        i INTEGER, l BIGINT, d DOUBLE, c DECIMAL(5, 2), s VARCHAR, b BOOLEAN, by BYTES, dt DATE, tm TIME, ts TIMESTAMP, n INTEGER, ns VARCHAR,
        a ARRAY<INTEGER>, sa ARRAY<VARCHAR>, na ARRAY<INTEGER>, m MAP<VARCHAR, INTEGER>, nm MAP<VARCHAR, INTEGER>, st STRUCT<x INTEGER, y VARCHAR>
        """;

    // 2021-05-11, 10:11:12, 2021-05-11T10:11:12.123
    private static readonly Row s_row = Row.At(
        0, 3, 1_500_000_000_000L, 2.5, (Int128)1234, "foo", true, new byte[] { 1, 2, 3 }, 18758, 36_672_000, 1_620_727_872_123L, null, null,
        new object?[] { 1, 2, 3 }, new object?[] { "x", "y" }, null, new KeyValuePair<object, object?>[] { new("b", 2), new("a", 1) }, null,
        new object?[] { 1, "q" });

    [Theory]
    [InlineData("dates.txt")]
    [InlineData("json.txt")]
    [InlineData("nested.txt")]
    [InlineData("numbers.txt")]
    [InlineData("operators.txt")]
    [InlineData("strings.txt")]
    public void Values(string file) => TextCases.Check(Path.Combine("Cases", file), static expression =>
    {
        try
        {
            return SqlExpressions.Run(Columns, expression, [s_row]).Single();
        }
        catch (SqlException error)
        {
            return $"error: {error.Message}";
        }
    });
}

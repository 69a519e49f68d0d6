using StreamSQL.Data.Text;
using StreamSQL.Sql.Text;

namespace StreamSQL.UnitTests.Sql.Text;

public sealed class TextTests
{
    [Theory]
    [InlineData("FORM", "FROM")]
    [InlineData("FRM", "FROM")]
    [InlineData("SELEC", "SELECT")]
    [InlineData("grup", "GROUP")]
    [InlineData("XYZ", null)]
    [InlineData("F", null)]
    public void NearestNameIsOneThatWasProbablyMeant(string name, string? nearest) =>
        NearestName.Find(name, ["SELECT", "FROM", "WHERE", "GROUP", "HAVING"]).ShouldBe(nearest);

    [Theory]
    [InlineData("{}", "")]
    [InlineData(" { } ", "")]
    [InlineData("{1,2}", "1|2")]
    [InlineData("{ a , NULL,\"b, \\\"c\"}", "a|<null>|b, \"c")]
    public void ArrayTextGivesItsElements(string text, string elements) =>
        string.Join('|', ArrayText.Parse(text)!.Select(static element => element ?? "<null>")).ShouldBe(elements);

    [Theory]
    [InlineData("")]
    [InlineData("1,2")]
    [InlineData("{1,2")]
    [InlineData("{1,}")]
    [InlineData("{,}")]
    [InlineData("{{1}}")]
    [InlineData("{\"a}")]
    [InlineData("{\"a\"b}")]
    public void WhatIsNoArrayTextIsRefused(string text) => ArrayText.Parse(text).ShouldBeNull();
}

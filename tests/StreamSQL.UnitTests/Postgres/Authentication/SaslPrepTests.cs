using StreamSQL.Engine.Roles;

namespace StreamSQL.UnitTests.Postgres.Authentication;

/// <summary>
/// SASLprep: the examples of RFC 4013, section 3, and one of each table. What is forbidden stays as it is, as in PostgreSQL.
/// </summary>
public class SaslPrepTests
{
    [Theory]
    [InlineData("I\u00adX", "IX")] // the soft hyphen goes (B.1)
    [InlineData("user", "user")]
    [InlineData("USER", "USER")] // case stays
    [InlineData("\u00aa", "a")] // NFKC
    [InlineData("\u2168", "IX")] // NFKC
    [InlineData("a\u00a0b\u3000c", "a b c")] // other spaces (C.1.2)
    [InlineData("A\u0308", "\u00c4")] // composed
    [InlineData("\u1112\u1161\u11ab", "\ud55c")] // Hangul, composed by rule
    [InlineData("\ufb01", "fi")]
    [InlineData("\u0627\u0628", "\u0627\u0628")] // right to left from end to end
    public void Passwords_are_prepared(string password, string prepared) => SaslPrep.Prepare(password).ShouldBe(prepared);

    [Theory]
    [InlineData("\u0007\u00aa")] // control characters (C.2.1)
    [InlineData("\u00aa\u0627\u0031")] // right to left, but not at both ends (RFC 3454, 6)
    [InlineData("\u0627a\u0628")] // both directions
    [InlineData("\u00aa\ue000")] // private use (C.3)
    [InlineData("\u00aa\ufffd")] // not for plain text (C.6)
    [InlineData("\u00aa\u2ff0")] // ideographic description (C.7)
    [InlineData("\u00aa\u200e")] // changes of direction (C.8)
    [InlineData("\u00aa\u0221")] // not assigned in Unicode 3.2 (A.1)
    [InlineData("\u00ad")] // nothing is left
    public void What_is_forbidden_stays_as_it_is(string password) => SaslPrep.Prepare(password).ShouldBe(password);

    [Fact]
    public void A_password_that_is_typed_in_another_way_is_the_same()
    {
        var salt = new byte[16];
        ScramVerifier.Create("Passwo\u0308rter\u00a0IX", salt, 4096).Format()
            .ShouldBe(ScramVerifier.Create("Passw\u00f6rter \u2168", salt, 4096).Format());
    }
}

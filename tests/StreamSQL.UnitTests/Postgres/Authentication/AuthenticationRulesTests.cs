using System.Net;
using StreamSQL.Postgres.Authentication;

namespace StreamSQL.UnitTests.Postgres.Authentication;

public class AuthenticationRulesTests
{
    private const string Rules = """
        # the first rule that fits counts
        local   all      all                    trust
        host    all      mallory  all           reject
        hostssl orders   ann,bob  10.0.0.0/8    scram-sha-256
        host    all      all      192.168.7.1/32 \
                                                trust
        """;

    [Theory]
    [InlineData("127.0.0.1", false, "mallory", "orders", AuthenticationMethod.Trust)]
    [InlineData("10.1.2.3", true, "mallory", "orders", AuthenticationMethod.Reject)]
    [InlineData("10.1.2.3", true, "bob", "orders", AuthenticationMethod.ScramSha256)]
    [InlineData("10.1.2.3", false, "bob", "orders", null)]
    [InlineData("10.1.2.3", true, "bob", "other", null)]
    [InlineData("10.1.2.3", true, "carol", "orders", null)]
    [InlineData("11.1.2.3", true, "bob", "orders", null)]
    [InlineData("192.168.7.1", false, "carol", "any", AuthenticationMethod.Trust)]
    public void The_first_rule_that_fits_counts(string address, bool isEncrypted, string user, string database,
        AuthenticationMethod? expected) =>
        (AuthenticationRulesReader.Read(Rules, "hba")
            .Find(new(IPAddress.Parse(address), null, isEncrypted, user, database))?.Method).ShouldBe(expected);

    [Fact]
    public void Trust_of_other_machines_is_found() =>
        AuthenticationRulesReader.Read(Rules, "hba").TrustingOtherMachines!.Place.ShouldBe("hba line 5");

    [Theory]
    [InlineData("host all all all md5x")]
    [InlineData("host all all 10.0.0.0/33 trust")]
    [InlineData("host all all")]
    [InlineData("remote all all all trust")]
    public void A_rule_that_cannot_be_understood_is_named(string rule) =>
        Should.Throw<AuthenticationRulesException>(() => AuthenticationRulesReader.Read("\n" + rule, "hba")).Message.ShouldStartWith(
            "hba line 2");
}

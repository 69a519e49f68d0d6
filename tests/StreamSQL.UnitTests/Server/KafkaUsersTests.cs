using System.Net;
using System.Security.Cryptography;
using StreamSQL.Broker.Security;
using StreamSQL.Engine.Roles;
using StreamSQL.Kafka;
using StreamSQL.Postgres.Authentication;
using StreamSQL.Server.Hosting;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Server;

/// <summary>Roles as the users of Kafka's admin clients: who may change whose password, and what the password is good for.</summary>
public sealed class KafkaUsersTests : IAsyncLifetime
{
    private static readonly UserCaller Local = new(null, IPAddress.Loopback);
    private EngineHarness _engine = null!;
    private UserDirectory _users = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync();
        await _engine.RunAsync(
            "CREATE ROLE root LOGIN SUPERUSER; CREATE ROLE ann LOGIN PASSWORD 'old'; CREATE ROLE maker LOGIN CREATEROLE;");
        _users = new KafkaUsers(_engine.Engine, AuthenticationRules.Default).Directory;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public void A_password_of_SQL_is_good_for_both_mechanisms() =>
        _users.List().ShouldBe([new("ann", ScramMechanism.Sha256, 4096), new("ann", ScramMechanism.Sha512, 4096)]);

    [Fact]
    public async Task A_new_user_is_a_role_that_may_log_in_with_the_password_and_no_more()
    {
        await _users.ChangeAsync(new("Eve", new Dictionary<ScramMechanism, ScramCredential?>
        {
            [ScramMechanism.Sha256] = Hashed("pencil", ScramMechanism.Sha256), [ScramMechanism.Sha512] = Hashed("pencil", ScramMechanism.Sha512),
        }), Local);

        var role = _engine.Engine.Catalog.Roles["Eve"];
        (role.CanLogin, role.IsSuperuser).ShouldBe((true, false));
        ScramVerifier.TryParse(role.Verifier!, out var sha256).ShouldBeTrue();
        ScramVerifier.TryParse(role.Sha512Verifier!, ScramHash.Sha512, out var sha512).ShouldBeTrue();
        (sha256.Matches("pencil"), sha512.Matches("pencil"), sha256.Matches("pen")).ShouldBe((true, true, false));

        await _users.ChangeAsync(Change("Eve", ScramMechanism.Sha256, null), Local);
        _users.List().ShouldContain(new UserCredential("Eve", ScramMechanism.Sha512, 5000));
        _users.List().ShouldNotContain(static c => c.User == "Eve" && c.Mechanism == ScramMechanism.Sha256);
    }

    [Theory]
    [InlineData("root", "root", true)]
    [InlineData("root", "somebody", true)]
    [InlineData("maker", "ann", true)]
    [InlineData("maker", "somebody", true)]
    [InlineData("maker", "root", false)]
    [InlineData("ann", "ann", true)]
    [InlineData("ann", "maker", false)]
    [InlineData("ann", "somebody", false)]
    [InlineData("gone", "gone", false)]
    public async Task Who_has_logged_in_may_what_ALTER_ROLE_lets_the_role_do(string caller, string user, bool isAllowed)
    {
        var change = Change(user, ScramMechanism.Sha256, Hashed("new", ScramMechanism.Sha256));
        if (isAllowed)
        {
            await _users.ChangeAsync(change, new(caller, IPAddress.Parse("10.0.0.1")));
            _users.List().ShouldContain(new UserCredential(user, ScramMechanism.Sha256, 5000));
            return;
        }

        var refused = await Should.ThrowAsync<KafkaException>(() => _users.ChangeAsync(change, new(caller, IPAddress.Loopback)));
        refused.Code.ShouldBe(ErrorCode.ClusterAuthorizationFailed);
        _users.List().ShouldNotContain(c => c.Iterations == 5000);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData(null)]
    public async Task Without_a_login_only_clients_may_whom_the_rules_of_the_other_door_trust(string? address)
    {
        var change = Change("ann", ScramMechanism.Sha256, Hashed("new", ScramMechanism.Sha256));
        var caller = new UserCaller(null, address is null ? null : IPAddress.Parse(address));

        (await Should.ThrowAsync<KafkaException>(() => _users.ChangeAsync(change, caller))).Code.ShouldBe(ErrorCode.ClusterAuthorizationFailed);

        var strict = new AuthenticationRules([new() { Kind = ConnectionKind.Local, Method = AuthenticationMethod.ScramSha256 }]);
        await Should.ThrowAsync<KafkaException>(() => new KafkaUsers(_engine.Engine, strict).Directory.ChangeAsync(change, Local));
        await _users.ChangeAsync(change, Local);
    }

    [Theory]
    [InlineData("pg_eve")]
    [InlineData("public")]
    public async Task Names_that_no_role_may_have_are_refused(string name)
    {
        var change = Change(name, ScramMechanism.Sha256, Hashed("new", ScramMechanism.Sha256));
        (await Should.ThrowAsync<KafkaException>(() => _users.ChangeAsync(change, Local))).Code.ShouldBe(ErrorCode.UnacceptableCredential);
    }

    private static UserChange Change(string user, ScramMechanism mechanism, ScramCredential? credential) =>
        new(user, new Dictionary<ScramMechanism, ScramCredential?> { [mechanism] = credential });

    private static ScramCredential Hashed(string password, ScramMechanism mechanism)
    {
        byte[] salt = [1, 2, 3, 4];
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            password, salt, 5000, ScramMechanisms.HashOf(mechanism), ScramMechanisms.KeyBytesOf(mechanism));
        return ScramMechanisms.CredentialOf(mechanism, salt, 5000, salted);
    }
}

using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

/// <summary>SET ROLE, SET SESSION AUTHORIZATION and ALTER ROLE ... RENAME: who a session acts as.</summary>
public sealed class SessionIdentityTests : IAsyncLifetime
{
    private EngineHarness _engine = null!;
    private Session _root = null!;
    private Session _ann = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync();
        await _engine.RunAsync(
            "CREATE ROLE root LOGIN SUPERUSER; CREATE ROLE ann LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE maker LOGIN CREATEROLE;");
        _root = _engine.Engine.CreateSession("root", "streamsql");
        _ann = _engine.Engine.CreateSession("ann", "streamsql");
    }

    public async ValueTask DisposeAsync()
    {
        await _root.DisposeAsync();
        await _ann.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_superuser_takes_a_role_and_has_its_rights_only()
    {
        await EngineHarness.RunAsync(_root, "SET ROLE ann");
        Who(_root).ShouldBe(("root", "ann", "off"));
        await RefusedAsync(_root, "CREATE ROLE x", "42501");
        await EngineHarness.RunAsync(_root, "SET ROLE bob"); // the session's user still is a superuser
        await EngineHarness.RunAsync(_root, "RESET ROLE; CREATE ROLE x");
        Who(_root).ShouldBe(("root", "root", "on"));
    }

    [Fact]
    public async Task Others_take_no_role_but_their_own()
    {
        await RefusedAsync(_ann, "SET ROLE bob", "42501");
        await RefusedAsync(_ann, "SET ROLE nobody", "22023");
        await RefusedAsync(_ann, "SET SESSION AUTHORIZATION root", "42501");
        await EngineHarness.RunAsync(_ann, "SET ROLE ann; SET ROLE NONE; SET SESSION AUTHORIZATION ann; SET SESSION AUTHORIZATION DEFAULT");
        Who(_ann).ShouldBe(("ann", "ann", "off"));
    }

    [Fact]
    public async Task Session_authorization_takes_the_way_back_of_SET_ROLE_away()
    {
        await EngineHarness.RunAsync(_root, "SET SESSION AUTHORIZATION ann");
        Who(_root).ShouldBe(("ann", "ann", "off"));
        await RefusedAsync(_root, "SET ROLE root", "42501");
        await EngineHarness.RunAsync(_root, "SET SESSION AUTHORIZATION bob"); // judged by who has logged in
        await EngineHarness.RunAsync(_root, "RESET SESSION AUTHORIZATION");
        Who(_root).ShouldBe(("root", "root", "on"));
    }

    [Fact]
    public async Task A_rolled_back_transaction_takes_the_role_back()
    {
        await EngineHarness.RunAsync(_root, "BEGIN; SET ROLE ann; ROLLBACK");
        Who(_root).ShouldBe(("root", "root", "on"));
        await EngineHarness.RunAsync(_root, "BEGIN; SET ROLE ann; COMMIT");
        Who(_root).ShouldBe(("root", "ann", "off"));
        await EngineHarness.RunAsync(_root, "RESET ALL");
        Who(_root).ShouldBe(("root", "ann", "off"));
    }

    [Fact]
    public async Task A_renamed_role_keeps_its_password_and_attributes()
    {
        await EngineHarness.RunAsync(_root, "ALTER ROLE bob PASSWORD 'secret' CONNECTION LIMIT 7 CREATEROLE");
        var before = _engine.Engine.Catalog.Roles["bob"];
        await EngineHarness.RunAsync(_root, "ALTER ROLE bob RENAME TO \"Robert\"");
        _engine.Engine.Catalog.Roles.ShouldNotContainKey("bob");
        _engine.Engine.Catalog.Roles["Robert"].ShouldBe(before with { Name = "Robert" });
    }

    [Fact]
    public async Task Renaming_has_its_rules()
    {
        await RefusedAsync(_root, "ALTER ROLE ann RENAME TO bob", "42710");
        await RefusedAsync(_root, "ALTER ROLE nobody RENAME TO x", "42704");
        await RefusedAsync(_root, "ALTER ROLE root RENAME TO x", "0A000"); // the session's own
        await RefusedAsync(_ann, "ALTER ROLE bob RENAME TO x", "42501");
        await using var maker = _engine.Engine.CreateSession("maker", "streamsql");
        await RefusedAsync(maker, "ALTER ROLE root RENAME TO x", "42501");
        await EngineHarness.RunAsync(maker, "ALTER ROLE bob RENAME TO rob");
        _engine.Engine.Catalog.Roles.ShouldContainKey("rob");
    }

    private static (string SessionUser, string CurrentUser, string IsSuperuser) Who(Session session) =>
        (session.Identity.SessionUser, session.Identity.CurrentUser, session.Settings.Get("is_superuser"));

    private static async Task RefusedAsync(Session session, string statement, string sqlState) =>
        (await Should.ThrowAsync<SqlException>(() => EngineHarness.RunAsync(session, statement))).SqlState.ShouldBe(sqlState);
}

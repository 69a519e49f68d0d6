using StreamSQL.Postgres.Encryption;
using StreamSQL.Server.Options;

namespace StreamSQL.UnitTests.Server;

public sealed class PostgresSecurityReaderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamsql-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Files_and_secrets_are_read()
    {
        var (certificate, key) = SelfSignedCertificate.Create("host.example", new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var options = Read(
            new()
            {
                ["postgres-tls"] = "Required",
                ["postgres-certificate"] = Write("a.crt", certificate),
                ["postgres-key"] = Write("a.key", key),
                ["postgres-hba"] = Write("hba", "host all all all scram-sha-256"),
                ["postgres-max-connections"] = "7",
                ["postgres-authentication-timeout"] = "9",
            },
            new() { ["STREAMSQL_POSTGRES_PASSWORD"] = "secret", ["STREAMSQL_POSTGRES_USER"] = "root" });

        var security = options.PostgresSecurity;
        (security.Tls, security.Superuser, security.Password).ShouldBe((PostgresTls.Required, "root", "secret"));
        (security.MaxConnections, security.AuthenticationTimeout).ShouldBe((7, TimeSpan.FromSeconds(9)));
        security.Certificate!.ExpiresAt.Year.ShouldBe(2036);
        security.Rules!.All.Count.ShouldBe(1);
        options.ToString().ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("postgres-tls", "maybe")]
    [InlineData("postgres-max-connections", "0")]
    [InlineData("postgres-authentication-timeout", "1 minute")]
    [InlineData("postgres-certificate", "/there/is/none")]
    [InlineData("postgres-hba", "/there/is/none")]
    public void A_value_that_cannot_be_used_is_named(string option, string value) =>
        Should.Throw<OptionException>(() => Read(new() { [option] = value }, [])).Message.ShouldContain("--" + option);

    [Fact]
    public void Files_that_cannot_be_understood_are_named()
    {
        var hba = Write("hba", "host all all\n");
        Should.Throw<OptionException>(() => Read(new() { ["postgres-hba"] = hba }, [])).Message.ShouldContain("hba line 1");
        var pem = Write("pem", "no certificate");
        Should.Throw<OptionException>(() =>
            Read(new() { ["postgres-tls"] = "on", ["postgres-certificate"] = pem, ["postgres-key"] = pem }, []))
            .Message.ShouldContain("--postgres-certificate");
    }

    [Fact]
    public void The_password_is_not_taken_from_the_command_line() =>
        Read(new() { ["postgres-password"] = "seen" }, []).PostgresSecurity.Password.ShouldBeNull();

    [Fact]
    public void The_Postgres_listener_may_be_public_where_clients_log_in()
    {
        Should.Throw<OptionException>(() => Read(new() { ["postgres"] = "0.0.0.0:7432" }, [])).Message.ShouldContain(
            "STREAMSQL_POSTGRES_PASSWORD");
        Read(new() { ["postgres"] = "0.0.0.0:7432", ["postgres-tls"] = "required" }, []).PublicListeners.ShouldBeEmpty();

        var trusting = Write("hba", "# all\nhost all all 10.0.0.0/8 trust");
        Should.Throw<OptionException>(() =>
            Read(new() { ["postgres"] = "0.0.0.0:7432", ["postgres-tls"] = "on", ["postgres-hba"] = trusting }, []))
            .Message.ShouldContain("hba line 2");
    }

    private static ServerOptions Read(Dictionary<string, string> commandLine, Dictionary<string, string> environment) =>
        new OptionReader(name => commandLine.GetValueOrDefault(name), name => environment.GetValueOrDefault(name)).Read();

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}

using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>The catalog has the verifiers of passwords: Kafka clients, who need none, do not get at it.</summary>
public sealed class EngineTopicTests
{
    private const string Catalog = "_streamsql-catalog";

    [Fact]
    public async Task Kcat_neither_sees_nor_reads_nor_writes_the_catalog()
    {
        await Kcat.RequireAsync();
        using var data = new TemporaryDirectory();
        using var server = await ServerProcess.StartAsync(data.Path);
        await MakeRoleAsync(server);
        var address = server.Kafka.ToString();

        (await Kcat.RunAsync(address, "-L")).ShouldNotContain(Catalog);
        var (_, read) = await ClientProgram.RunAsync("kcat", "-b", address, "-C", "-t", Catalog, "-o", "beginning", "-e");
        read.ShouldContain("Topic authorization failed");
        read.ShouldNotContain("SCRAM-SHA-256");
        var (exitCode, written) = await ClientProgram.RunAsync("sh", "-c", $"echo forged | kcat -b {address} -P -t {Catalog}");
        exitCode.ShouldNotBe(0);
        written.ShouldContain("authorization failed", Case.Insensitive);
        await MakeRoleAsync(server, "bob"); // nobody else has written
    }

    [Fact]
    public async Task An_engine_in_another_process_is_told_what_it_needs()
    {
        using var data = new TemporaryDirectory();
        using var engineData = new TemporaryDirectory();
        using var server = await ServerProcess.StartAsync(data.Path);

        var (exitCode, error) = await ServerProcess.RunAsync(
            "start", "--data-dir", engineData.Path, "--kafka-bootstrap", server.Kafka.ToString(), "--postgres", "127.0.0.1:0", "--http",
            "127.0.0.1:0");

        exitCode.ShouldBe(1);
        error.ShouldContain("--open-engine-topics");
    }

    private static async Task MakeRoleAsync(ServerProcess server, string name = "ann")
    {
        await using var connection = new NpgsqlConnection(server.PostgresConnection);
        await connection.OpenAsync();
        await ServerSql.ExecuteAsync(connection, $"CREATE ROLE {name} LOGIN PASSWORD 'secret'");
    }
}

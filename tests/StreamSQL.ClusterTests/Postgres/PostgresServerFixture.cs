using System.Globalization;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>A server process that the clients of one test class share; each scenario makes streams and tables of its own.</summary>
public sealed class PostgresServerFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("streamsql-clients-");
    private ServerProcess? _server;

    /// <summary>The host that it listens on.</summary>
    public string Host => _server!.Postgres.Address.ToString();

    /// <summary>The port that it listens on.</summary>
    public string Port => _server!.Postgres.Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>For Npgsql.</summary>
    public string ConnectionString => _server!.PostgresConnection;

    /// <summary>The folder of the programs of one language.</summary>
    public static string Folder(string language) =>
        Path.Combine(Repository.Root, "tests", "StreamSQL.ClusterTests", "Postgres", "clients", language);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _server = await ServerProcess.StartAsync(_data.FullName);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        _data.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}

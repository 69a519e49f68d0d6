using System.Globalization;
using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Pushes;

/// <summary>A server process whose push queries are watched from outside: what it holds in memory, threads and sessions.</summary>
internal sealed class PushServer : IDisposable
{
    private const double KibPerMib = 1024;

    private readonly TemporaryDirectory _data;

    private PushServer(TemporaryDirectory data, ServerProcess process)
    {
        _data = data;
        Process = process;
    }

    /// <summary>The server.</summary>
    public ServerProcess Process { get; }

    /// <summary>Starts it.</summary>
    public static async Task<PushServer> StartAsync()
    {
        var data = new TemporaryDirectory();
        return new(data, await ServerProcess.StartAsync(data.Path));
    }

    /// <summary>Opens a connection.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(Process.PostgresConnection);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Mebibytes of memory that the process has of its own, of which what is mapped from files is no part.</summary>
    public double MemoryMib => StatusKib("RssAnon:") / KibPerMib;

    /// <summary>Threads of the process.</summary>
    public long Threads => StatusKib("Threads:");

    /// <summary>Open files, sockets among them.</summary>
    public int Files => Directory.GetFileSystemEntries($"/proc/{Process.Id}/fd").Length;

    /// <summary>Sessions of the server, that of the question among them.</summary>
    public async Task<long> SessionsAsync()
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Process.Dispose();
        _data.Dispose();
    }

    private long StatusKib(string name)
    {
        var line = File.ReadLines($"/proc/{Process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}

using System.Globalization;
using System.Text;
using StreamSQL.Benchmarks.Brokers;
using StreamSQL.ConformanceTests.Differential;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>A server that is asked: ours, or PostgreSQL.</summary>
internal sealed record Peer(string Name, int Port, string User, int ProcessId)
{
    /// <summary>Processor time that it has taken so far, in seconds.</summary>
    public double CpuSeconds => ProcessTime.Of(ProcessId);
}

/// <summary>
/// Our server as a process of its own and a private PostgreSQL cluster beside it, where one is installed, with the same rows.
/// </summary>
internal sealed class Peers : IAsyncDisposable
{
    private const int RowsPerFill = 500;
    private readonly BrokerProcess _server;
    private readonly PostgresCluster? _cluster;

    private Peers(BrokerProcess server, PostgresCluster? cluster)
    {
        (_server, _cluster) = (server, cluster);
        Ours = new Peer("StreamSQL", server.PostgresPort, "postgres", server.ProcessId);
        Postgres = cluster is null ? null : new Peer("PostgreSQL", cluster.Port, "postgres", cluster.ProcessId);
    }

    /// <summary>Ours.</summary>
    public Peer Ours { get; }

    /// <summary>PostgreSQL; null where none is installed.</summary>
    public Peer? Postgres { get; }

    /// <summary>Both that are there, ours first.</summary>
    public IEnumerable<Peer> All => Postgres is null ? [Ours] : [Ours, Postgres];

    /// <summary>Resident memory of our server now, in bytes.</summary>
    public long ResidentBytes => _server.ResidentBytes;

    /// <summary>Starts them and gives both a table <c>points</c> of so many rows with keys from 1.</summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="path">The executable of a published build of ours, or null for the server that was built with this program.</param>
    public static async Task<Peers> StartAsync(int rows, string? path = null)
    {
        var binaries = PostgresCluster.FindBinaries();
        if (binaries is null)
            Console.WriteLine("no PostgreSQL server is installed: ours alone is measured");
        var peers = new Peers(BrokerProcess.Start(path), binaries is null ? null : await PostgresCluster.StartAsync(binaries));
        foreach (var peer in peers.All)
        {
            using var client = new RawPostgres(peer.Port, peer.User);
            client.Query(peer == peers.Ours
                ? "CREATE TABLE points (id BIGINT PRIMARY KEY, kind INT, amount BIGINT, name VARCHAR) WITH (KAFKA_TOPIC='points', VALUE_FORMAT='JSON', PARTITIONS=1);"
                : "CREATE TABLE points (id BIGINT PRIMARY KEY, kind INT, amount BIGINT, name VARCHAR); CREATE TABLE flow (LIKE points);");
            client.CopyIn("points", new Rows(1, rows).Write);
            if (peer == peers.Postgres)
                client.Query("VACUUM ANALYZE points");
            // The first read of a table waits until it is in memory.
            client.Query("SELECT count(*) FROM points");
        }

        return peers;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    /// <summary>Rows of <c>points</c> in the text form of COPY.</summary>
    internal sealed class Rows(long first, long count)
    {
        private readonly long _end = first + count;
        private long _next = first;

        /// <summary>Writes the next rows; returns how many bytes.</summary>
        public int Write(byte[] text)
        {
            var length = 0;
            for (var i = 0; i < RowsPerFill && _next < _end; i++, _next++)
            {
                var line = string.Create(CultureInfo.InvariantCulture,
                    $"{_next}\t{_next % 100}\t{_next * 7919 % 100_003}\tpoint number {_next}\n");
                length += Encoding.ASCII.GetBytes(line, text.AsSpan(length));
            }

            return length;
        }
    }
}

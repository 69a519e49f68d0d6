using System.Net;
using Microsoft.Extensions.Logging;
using StreamSQL.Engine.Leases;
using StreamSQL.Kafka.Client;
using StreamSQL.Postgres;
using StreamSQL.Postgres.Connections;
using StreamSQL.Server.Options;
using StreamSQL.Storage.Files;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// This process's turn among the engines that share a broker. Until it comes, clients of SQL are told where the engine is whose turn it is.
/// The id of the engine is kept in the data directory, which is locked, so a restart after a crash knows that it was its own turn, and need
/// not wait.
/// </summary>
internal sealed class EngineTurn : IAsyncDisposable
{
    private readonly IDisposable _lock;

    private EngineTurn(IDisposable directoryLock, EngineLease lease) => (_lock, Lease) = (directoryLock, lease);

    /// <summary>The lease.</summary>
    public EngineLease Lease { get; }

    /// <summary>Waits for it.</summary>
    /// <exception cref="IOException">Another process uses the data directory.</exception>
    /// <exception cref="InvalidDataException">The id of the engine, or the lease topic, is damaged or of a later version.</exception>
    /// <exception cref="Kafka.KafkaException">The broker refuses.</exception>
    public static async Task<EngineTurn> WaitAsync(
        ServerOptions options, IBrokerClient broker, EndPoint kafka, Listeners listeners, PostgresOptions access, ILoggerFactory logging,
        TimeProvider time, CancellationToken cancellation)
    {
        var directoryLock = LockDirectory(options);
        try
        {
            var holder = "";
            var standby = new StandbyConnectionHandler(
                () => Volatile.Read(ref holder), access, time, logging.CreateLogger<StandbyConnectionHandler>());
            void StandBy(LeaseRecord record)
            {
                Volatile.Write(ref holder, record.Address);
                listeners.Gates.StandBy(standby);
                ServerRun.PrintStandingBy(kafka, listeners, record.Address);
            }

            var lease = await EngineLease.AcquireAsync(
                broker, LeaseOptionsOf(options, listeners.Postgres), time, logging.CreateLogger<EngineLease>(), StandBy, cancellation);
            return new(directoryLock, lease);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Lease.DisposeAsync();
        _lock.Dispose();
    }

    /// <summary>Keeps other engines from the data directory.</summary>
    /// <exception cref="IOException">Another process uses it.</exception>
    public static IDisposable LockDirectory(ServerOptions options)
    {
        Directory.CreateDirectory(options.DataDirectory);
        return new DiskFileSystem().Lock(Path.Combine(options.DataDirectory, "engine.lock"));
    }

    /// <summary>Who asks for the lease.</summary>
    /// <exception cref="InvalidDataException">The id of the engine is damaged.</exception>
    public static LeaseOptions LeaseOptionsOf(ServerOptions options, IPEndPoint postgres) => new()
    {
        Engine = IdIn(options.DataDirectory),
        Address = postgres.Address.Equals(IPAddress.Any) || postgres.Address.Equals(IPAddress.IPv6Any)
            ? $"{Dns.GetHostName()}:{postgres.Port}"
            : postgres.ToString(),
        TakeoverAfter = options.TakeoverAfter,
        ReplicationFactor = options.ReplicationFactor,
    };

    private static Guid IdIn(string directory)
    {
        var path = Path.Combine(directory, "engine-id");
        return Guid.TryParse(KeptFile.Read(path, static () => Guid.NewGuid().ToString()), out var id)
            ? id
            : throw new InvalidDataException($"{path} is damaged. Delete it, and another is made.");
    }
}

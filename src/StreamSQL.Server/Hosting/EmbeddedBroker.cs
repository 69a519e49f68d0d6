using System.Net;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;
using StreamSQL.Broker.Topics;
using StreamSQL.Engine;
using StreamSQL.Kafka.Client;
using StreamSQL.Server.Options;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Server.Hosting;

/// <summary>The broker of this process on its data directory, and what answers its Kafka clients.</summary>
internal sealed partial class EmbeddedBroker : IAsyncDisposable
{
    private readonly BrokerHost _host;

    private readonly BrokerServices _services;
    private readonly IReadOnlyList<KafkaListener> _listeners;

    private EmbeddedBroker(BrokerHost host, BrokerServices services, KafkaAccess access, ILogger<KafkaConnectionHandler> logger)
    {
        var listeners = access.Listeners();
        Access = access;
        _host = host;
        _services = services;
        _listeners = listeners;
        Connections = [.. listeners.Select(listener => new KafkaConnectionHandler(services, listener, logger))];
    }

    /// <summary>How its clients are let in.</summary>
    public KafkaAccess Access { get; }

    /// <summary>The engine's way in.</summary>
    public IBrokerClient Client => _host.Client;

    /// <summary>Serve the connections of the Kafka listeners, in the order of the options.</summary>
    public IReadOnlyList<KafkaConnectionHandler> Connections { get; }

    /// <summary>Opens the data directory and recovers it.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    /// <exception cref="InvalidDataException">It was written by a later version, or is damaged.</exception>
    public static async Task<EmbeddedBroker> OpenAsync(ServerOptions options, ILoggerFactory logging, TimeProvider time)
    {
        var settings = new BrokerOptions
        {
            NodeId = options.NodeId,
            Rack = options.Rack,
            Guard = options.OpensEngineTopics ? TopicGuard.None : new(new HashSet<string> { StreamEngine.CatalogTopic },
                StreamEngine.TopicPrefix),
            Storage = MemoryCeiling.Bound(new StorageOptions { OpenFiles = DescriptorLimit.Read().OpenFiles }, options.MemoryLimitBytes),
        };
        settings = StartConfigs.Apply(settings, options.BrokerConfigs);
        var host = await OpenAsync(Path.GetFullPath(options.DataDirectory), settings, time);
        Report(host, logging.CreateLogger<EmbeddedBroker>());
        var services = new BrokerServices(host, ListenerOptionsOf(options), time);
        try
        {
            return new(host, services, new KafkaAccess(options, time), logging.CreateLogger<KafkaConnectionHandler>());
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Lets the configs <c>listeners</c> and <c>advertised.listeners</c> tell where the listeners are, in the order of the options.
    /// </summary>
    public void DescribeListeners(IReadOnlyList<IPEndPoint> addresses) => _services.DescribeListeners([.. _listeners.Zip(addresses)]);

    /// <summary>Lets admin clients list and change users.</summary>
    public void SetUsers(UserDirectory users) => _services.Users = users;

    /// <summary>Closes the log after a clean flush.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Says what is wrong with the data, now and whenever more is found.</summary>
    private static void Report(BrokerHost host, ILogger logger)
    {
        host.DamageFound = (partition, range) => LogDamage(logger, partition, range.FirstOffset, range.EndOffset - 1, range.File,
            range.Position);
        host.StorageFailed = failure => LogStorageFailure(logger, failure);
        foreach (var repair in host.Repairs)
            LogRepair(logger, repair);
        foreach (var (partition, range) in host.Damage)
            host.DamageFound(partition, range);
    }

    [LoggerMessage(1, LogLevel.Error,
        "Offsets {First} to {Last} of {Partition} are damaged and cannot be read: {File} from byte {Position} on")]
    private static partial void LogDamage(ILogger logger, TopicPartition partition, long first, long last, string file, long position);

    [LoggerMessage(2, LogLevel.Critical, "Storage has failed and takes no more writes until the server is started again")]
    private static partial void LogStorageFailure(ILogger logger, Exception failure);

    [LoggerMessage(3, LogLevel.Warning, "{Repair}")]
    private static partial void LogRepair(ILogger logger, string repair);

    private static KafkaListenerOptions ListenerOptionsOf(ServerOptions options)
    {
        var defaults = MemoryCeiling.Bound(new KafkaListenerOptions(), options.MemoryLimitBytes);
        return defaults with
        {
            MaxQueuedRequestBytes = options.QueuedMaxRequestBytes ?? defaults.MaxQueuedRequestBytes,
            MaxConnections = options.MaxConnections ?? defaults.MaxConnections,
        };
    }

    private static async Task<BrokerHost> OpenAsync(string directory, BrokerOptions options, TimeProvider time)
    {
        try
        {
            return await BrokerHost.OpenAsync(directory, options, new DiskFileSystem(), time);
        }
        catch (Exception error) when (error is (IOException or UnauthorizedAccessException) and not DataDirectoryLockedException)
        {
            throw new IOException($"The data directory {directory} cannot be used: {error.Message}", error);
        }
    }
}

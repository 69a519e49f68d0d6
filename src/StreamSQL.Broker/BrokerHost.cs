using StreamSQL.Broker.Client;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Producers;
using StreamSQL.Broker.Topics;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker;

/// <summary>
/// The embedded broker over one data directory: opens and recovers it, keeps it tidy, closes it in order. Everything else reaches the
/// broker
/// through what this holds.
/// </summary>
public sealed class BrokerHost : IAsyncDisposable
{
    private static readonly TimeSpan TransactionExpiryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LateInterval = TimeSpan.FromMilliseconds(200);
    private readonly DataDirectory _directory;
    private readonly LogStore _store;
    private readonly ProducerSnapshotFile _producerFile;
    private readonly MetadataThread _metadata;
    private readonly TopicRegistryFile _topicsFile;
    private readonly LogCleaner _cleaner;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private Task _upkeep = Task.CompletedTask;

    private BrokerHost(
        DataDirectory directory, LogStore store, BrokerOptions options, TimeProvider time, TopicRegistryFile file, TopicRegistryImage image,
        MetadataThread metadata, ConfigRegistry configs, ProducerIds producerIds)
    {
        _directory = directory;
        _store = store;
        _time = time;
        _metadata = metadata;
        _topicsFile = file;
        Options = options;
        Configs = configs;
        _producerFile = new ProducerSnapshotFile(directory);
        _cleaner = new LogCleaner(store, options.Cleaner, time);
        Topics = new TopicRegistry(store, file, image, options.Topics, _metadata, configs, time);
        Groups = new GroupCoordinator(options.Groups, Topics, options.Guard, configs, store, time);
        Transactions = new TransactionCoordinator(
            store, Topics, Offsets, producerIds, time, options);
        Client = new InProcessBrokerClient(this, time);
        Recover();
        Topics.Deleted += topic => Groups.RemoveOffsetsOf(topic.Name);
        store.DamageFound = OnDamage;
        store.Start();
    }

    /// <summary>The settings.</summary>
    public BrokerOptions Options { get; }

    /// <summary>What was set for brokers, groups and client metrics subscriptions.</summary>
    public ConfigRegistry Configs { get; }

    /// <summary>The topics and their partitions.</summary>
    public TopicRegistry Topics { get; }

    /// <summary>The committed offsets of consumer groups.</summary>
    public OffsetStore Offsets => Groups.Offsets;

    /// <summary>The consumer groups.</summary>
    public GroupCoordinator Groups { get; }

    /// <summary>The transaction coordinator; also gives out producer ids.</summary>
    public TransactionCoordinator Transactions { get; }

    /// <summary>The client for code in this process.</summary>
    public IBrokerClient Client { get; }

    /// <summary>Why storage failed and takes no more writes; null while all is well.</summary>
    public Exception? StorageFailure => _store.Commits.Failure;

    /// <summary>Whether the disk is full: writes are refused until there is room again, reads and deletes go on.</summary>
    public bool IsDiskFull => _store.Commits.IsDiskFull;

    /// <summary>What is quarantined, since it was durable and does not verify any more.</summary>
    public IEnumerable<(TopicPartition Partition, DamagedRange Range)> Damage =>
        Topics.All.Values.SelectMany(static t => t.Partitions).SelectMany(static p => p.Log.Damage.Select(range => (p.Name, range)));

    /// <summary>What was found damaged when the data directory was opened and could be made whole again, as messages.</summary>
    public IReadOnlyList<string> Repairs { get; private init; } = [];

    /// <summary>Called when more is found to be damaged.</summary>
    public Action<TopicPartition, DamagedRange>? DamageFound { get; set; }

    /// <summary>Called once, when storage fails.</summary>
    public Action<Exception>? StorageFailed
    {
        get => _store.Failed;
        set => _store.Failed = value;
    }

    internal LogStore Store => _store;

    internal LogCleaner Cleaner => _cleaner;

    /// <summary>The data directory.</summary>
    internal string DataPath => _directory.Path;

    /// <summary>The volume that holds the data directory.</summary>
    internal StorageSpace DataSpace => _directory.FileSystem.SpaceOf(_directory.Path);

    /// <summary>Opens a data directory, creating it when it is missing, and recovers it.</summary>
    /// <param name="path">The data directory.</param>
    /// <param name="options">Settings.</param>
    /// <param name="fileSystem">Where files are.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="DataDirectoryLockedException">Another process uses the directory.</exception>
    /// <exception cref="UnknownFormatException">A newer version wrote it; nothing was changed.</exception>
    /// <exception cref="CorruptDataException">Durable data does not verify.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static async Task<BrokerHost> OpenAsync(string path, BrokerOptions options, IFileSystem fileSystem, TimeProvider time)
    {
        var directory = DataDirectory.Open(fileSystem, path);
        LogStore? store = null;
        var metadata = new MetadataThread();
        TopicRegistryFile? file = null;
        try
        {
            file = new TopicRegistryFile(directory);
            var image = file.Read();
            if (image is null)
                file.Write(image = new TopicRegistryImage(ClusterIdOf(options.Topics.NewId()), []));
            var configFile = new ConfigFile(directory);
            var configs = new ConfigRegistry(configFile, metadata, options);
            store = LogStore.Open(directory, options.Storage, [.. image.Topics.SelectMany(t => Logs(t, configs.Broker))], time);
            var producerIds = new ProducerIds(directory, metadata);
            var broker = new BrokerHost(directory, store, options, time, file, image, metadata, configs, producerIds)
            {
                Repairs = [.. file.Repairs, .. configFile.Repairs, .. store.Repairs, .. producerIds.Repairs],
            };
            await broker.Transactions.AbortOrphansAsync();
            broker.Groups.RemoveOffsetsOfMissingTopics();
            store.Reserve.Refill();
            broker._cleaner.Start();
            var stopping = broker._stopping.Token;
            broker._upkeep = Task.WhenAll(
                broker.KeepTidyAsync(stopping), broker.ExpireTransactionsAsync(stopping), broker.ExpireOffsetsAsync(stopping),
                broker.TellLateAsync(stopping));
            return broker;
        }
        catch
        {
            metadata.Dispose();
            file?.Dispose();
            store?.Dispose();
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Stops upkeep, commits what waits, flushes and closes the data directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _upkeep;
        }
        catch (OperationCanceledException)
        {
            // that is how it stops
        }

        if (StorageFailure is null && !_store.Commits.IsDiskFull)
            await SaveProducersAsync();
        _metadata.Dispose();
        _topicsFile.Dispose();
        Groups.Dispose();
        Transactions.Dispose();
        _cleaner.Dispose();
        _store.Dispose();
        _directory.Dispose();
        _stopping.Dispose();
    }

    private static IEnumerable<KeyValuePair<LogId, LogConfig>> Logs(TopicRecord topic, BrokerConfig broker)
    {
        var config = TopicConfig.Restore(topic.Configs, broker).Log;
        return Enumerable.Range(0, topic.Partitions).Select(i => new KeyValuePair<LogId, LogConfig>(new LogId(topic.Id, i), config));
    }

    /// <summary>Kafka's cluster ids are 22 characters of URL-safe base64.</summary>
    private static string ClusterIdOf(Guid id) => Convert.ToBase64String(id.ToByteArray())[..22].Replace('+', '-').Replace('/', '_');

    private void Recover()
    {
        var saved = _producerFile.Read();
        foreach (var topic in Topics.All.Values)
        {
            foreach (var partition in topic.Partitions)
                partition.Recover(saved.GetValueOrDefault(partition.Log.Id));
        }

        Groups.Load();
        Transactions.Load();
    }

    private void OnDamage(LogId log, DamagedRange range)
    {
        if (Topics.TryGet(log.TopicId, out var topic))
            DamageFound?.Invoke(topic.Partitions[log.Partition].Name, range);
    }

    private async Task KeepTidyAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Options.RetentionInterval, _time);
        while (await timer.WaitForNextTickAsync(stopping) && StorageFailure is null)
        {
            try
            {
                await TidyAsync();
            }
            catch (IOException e) when (StorageErrors.IsDiskFull(e) || e is StorageFailedException)
            {
                // A full disk: the next round tries again. Failed storage: the loop ends, and StorageFailure tells why.
            }
        }
    }

    private async Task TidyAsync()
    {
        // Before records go: what a producer wrote last is then known after a crash as well, also without its records.
        await SaveProducersAsync();
        await Transactions.ForgetIdsAsync();
        foreach (var topic in Topics.All.Values)
        {
            foreach (var partition in topic.Partitions)
                await partition.ApplyRetentionAsync((long)Options.ProducerExpiry.TotalMilliseconds);
        }
    }

    private async Task ExpireOffsetsAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Options.Groups.OffsetsRetentionCheckInterval, _time);
        while (await timer.WaitForNextTickAsync(stopping) && StorageFailure is null)
            Groups.Expire();
    }

    private async Task ExpireTransactionsAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TransactionExpiryInterval, _time);
        while (await timer.WaitForNextTickAsync(stopping) && StorageFailure is null)
        {
            try
            {
                await Transactions.ExpireAsync();
            }
            catch (IOException e) when (StorageErrors.IsDiskFull(e) || e is StorageFailedException)
            {
                // As above.
            }
        }
    }

    private async Task TellLateAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(LateInterval, _time);
        while (await timer.WaitForNextTickAsync(stopping) && StorageFailure is null)
            _store.Commits.TellLate();
    }

    /// <summary>Saves the producers' state once all that it covers is durable.</summary>
    private async ValueTask SaveProducersAsync()
    {
        var snapshots = Topics.All.Values.SelectMany(t => t.Partitions).Select(p => p.SaveProducers()).OfType<ProducerSnapshot>().ToList();
        await _store.Commits.FlushAsync();
        await _metadata.RunAsync(() =>
        {
            _producerFile.Write(snapshots);
            _store.Reserve.Refill();
            return snapshots.Count;
        });
    }
}

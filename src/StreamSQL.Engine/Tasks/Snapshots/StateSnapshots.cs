using StreamSQL.Engine.State;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks.Snapshots;

/// <summary>
/// Writes snapshots of states in the background, one at a time, slowly, when they are due; the tasks go on meanwhile, and a store is held
/// only while one block is copied out of it. Thread-safe.
/// </summary>
internal sealed class StateSnapshots : IAsyncDisposable
{
    private const int MaxBlockBytes = 1024 * 1024;
    private const int MinBlockBytes = MaxBlockBytes / 4;
    private const int FirstBlockRows = 64;

    private readonly StateFiles _files;
    private readonly TaskEnvironment _environment;
    private readonly SnapshotOptions _options;
    private readonly Lock _sync = new();
    private readonly List<SnapshotSubject> _subjects = [];
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ByteWriter _block = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Creates it; <see cref="Start"/> sets it to work.</summary>
    public StateSnapshots(StateFiles files, TaskEnvironment environment)
    {
        _files = files;
        _environment = environment;
        _options = environment.Options.Snapshots;
    }

    /// <summary>Begins to look for states whose snapshot is due.</summary>
    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>The snapshot of a query's state.</summary>
    public async ValueTask<SnapshotFile> OfQueryAsync(string queryId, string stateId, TopicPartition changelog,
        CancellationToken cancellation) =>
        new(_files.FileSystem, SnapshotDirectories.OfQuery(_files, queryId), $"{stateId}-{changelog.Partition}",
            await TopicIdAsync(changelog.Topic, cancellation), changelog, _environment);

    /// <summary>The snapshot of a partition of a table.</summary>
    public async ValueTask<SnapshotFile> OfTableAsync(SourceDefinition source, int partition, CancellationToken cancellation) =>
        new(_files.FileSystem, SnapshotDirectories.OfTable(_files, source), $"{partition}",
            await TopicIdAsync(source.Topic, cancellation), new TopicPartition(source.Topic, partition), _environment);

    /// <summary>Removes the snapshots of a query that is gone, or that begins anew.</summary>
    public void DeleteQuery(string queryId) => _files.FileSystem.DeleteDirectory(SnapshotDirectories.OfQuery(_files, queryId));

    /// <summary>Removes the snapshots of a table that is gone.</summary>
    public void DeleteTable(SourceDefinition source) => _files.FileSystem.DeleteDirectory(SnapshotDirectories.OfTable(_files, source));

    /// <summary>Removes what belongs to no query and no table of the catalog, and what was left unfinished.</summary>
    public void Sweep(CatalogImage image)
    {
        foreach (var orphan in SnapshotDirectories.Sweep(_files, image))
            TaskLog.SnapshotSwept(_environment.Logger, orphan);
    }

    /// <summary>From now on snapshots of a store are written.</summary>
    public void Add(SnapshotSubject subject)
    {
        lock (_sync)
            _subjects.Add(subject);
    }

    /// <summary>No more snapshots of these stores are written; one that is being written is given up.</summary>
    public async ValueTask RemoveAsync(IReadOnlyCollection<SnapshotSubject> subjects)
    {
        lock (_sync)
            _subjects.RemoveAll(subjects.Contains);
        foreach (var subject in subjects)
            await subject.Stop.CancelAsync();
        if (subjects.Count == 0)
            return;
        await _writing.WaitAsync();
        _writing.Release();
    }

    /// <summary>Writes the snapshots that are due, or all whose changelog has grown.</summary>
    public async ValueTask WriteAsync(bool all, CancellationToken cancellation)
    {
        SnapshotSubject[] subjects;
        lock (_sync)
            subjects = [.. _subjects];
        foreach (var subject in subjects)
        {
            if (all ? subject.GrownBytes > 0 : IsDue(subject))
                await WriteAsync(subject, cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _writing.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.Interval, _environment.Time, stop);
                await WriteAsync(all: false, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private bool IsDue(SnapshotSubject subject)
    {
        var grown = subject.GrownBytes;
        long memory;
        lock (subject.Store.Sync)
            memory = subject.Store.MemoryBytes;
        if (grown >= Math.Max(_options.MinGrowthBytes, memory * _options.Growth))
            return true;
        return grown > 0 && subject.LastTime is { } time && _environment.Time.GetUtcNow() - time > _options.RefreshAge;
    }

    /// <summary>
    /// Writes the snapshot of one store. A failure is logged: there will be another occasion, and the changelog is whole.
    /// </summary>
    private async ValueTask WriteAsync(SnapshotSubject subject, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, subject.Stop.Token);
            await TryWriteAsync(subject, stop.Token);
        }
        catch (OperationCanceledException) when (subject.Stop.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // The store goes, and perhaps its directory.
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            TaskLog.SnapshotFailed(_environment.Logger, subject.File.Path, error);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask TryWriteAsync(SnapshotSubject subject, CancellationToken stop)
    {
        var grown = subject.GrownBytes;
        if (await subject.Position(stop) is not { } offset)
            return;
        var begun = _environment.Time.GetUtcNow();
        var isWhole = false;
        try
        {
            using (var writer = subject.File.Begin(subject.Store, offset))
            {
                var rows = await WriteBlocksAsync(subject.Store, writer, stop);
                if (await subject.Position(stop) is not { } end)
                    return;
                writer.Finish(end, rows);
                TaskLog.SnapshotWritten(_environment.Logger, subject.File.Path, rows, writer.Length, offset);
            }

            stop.ThrowIfCancellationRequested();
            subject.File.Publish();
            isWhole = true;
            subject.LastTime = begun;
            subject.Settle(grown);
        }
        finally
        {
            if (!isWhole)
                subject.File.Discard();
        }
    }

    private async ValueTask<long> WriteBlocksAsync(StateStore store, SnapshotWriter writer, CancellationToken stop)
    {
        var pace = new SnapshotPace(_options.BytesPerSecond, _environment.Time);
        StateScan scan;
        lock (store.Sync)
            scan = store.Scan();
        var rowsPerBlock = FirstBlockRows;
        long rows = 0;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            _block.Clear();
            int count;
            lock (store.Sync)
                count = scan.Write(_block, rowsPerBlock);
            if (count == 0)
                return rows;
            rows += count;
            writer.Write(_block.Written);

            // Rows differ in size by far: a block grows step by step to what is worth a write, and shrinks when it is too large.
            if (_block.Length > MaxBlockBytes)
                rowsPerBlock = Math.Max(1, rowsPerBlock / 2);
            else if (_block.Length < MinBlockBytes)
                rowsPerBlock = Math.Min(rowsPerBlock * 2, Data.Batches.ChangeBatch.MaxRows);
            await pace.SpendAsync(_block.Length, stop);
        }
    }

    private async ValueTask<Guid> TopicIdAsync(string topic, CancellationToken cancellation)
    {
        var topics = await _environment.Broker.GetTopicsAsync([topic], cancellation);
        return topics.Count == 1 ? topics[0].Id : throw new InvalidOperationException($"there is no topic {topic}");
    }
}

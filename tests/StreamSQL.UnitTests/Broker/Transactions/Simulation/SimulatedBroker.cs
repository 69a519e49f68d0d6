using StreamSQL.Broker;
using StreamSQL.Storage.Files;

namespace StreamSQL.UnitTests.Broker.Transactions.Simulation;

/// <summary>
/// A broker on a simulated disk that ends at any of its file operations, killed or without power, and the network in front of it, which
/// loses requests and answers. One request at a time, so a seed says all that happens.
/// </summary>
internal sealed class SimulatedBroker(Random random) : IAsyncDisposable
{
    public const string Topic = "t";
    public const int Partitions = 2;
    private const int MostOperations = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private MemoryFileSystem _disk = new();
    private BrokerHost? _host;

    public ManualTime Time { get; } = new();

    /// <summary>The broker as it runs now.</summary>
    public BrokerHost Host => _host!;

    /// <summary>How often it ended and started again.</summary>
    public int Ends { get; private set; }

    public async Task StartAsync()
    {
        _host = await OpenAsync(_disk);
        await _host.Topics.CreateAsync(Topic, Partitions, []);
    }

    /// <summary>Sends a request; what happened to it, with the answer that reached the client.</summary>
    public async Task<Reply<T>> AskAsync<T>(Func<BrokerHost, Task<T>> request)
    {
        switch (random.Next(16))
        {
            case 0:
                return new Reply<T>(Fate.Lost, default);
            case 1:
                await request(Host).WaitAsync(Patience);
                return new Reply<T>(Fate.Unanswered, default);
            case 2:
                await EndDuringAsync(async host => await request(host).WaitAsync(Patience));
                return new Reply<T>(Fate.Unanswered, default);
            default:
                return new Reply<T>(Fate.Answered, await request(Host).WaitAsync(Patience));
        }
    }

    /// <summary>Lets time pass, and what the broker does then be done.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Time.Advance(time);
        await Host.Transactions.ExpireAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }

    private Task<BrokerHost> OpenAsync(MemoryFileSystem disk) => BrokerHost.OpenAsync("data", new BrokerOptions
    {
        Storage = new() { Journal = new() { FileBytes = 16 * 1024, FirstFileBytes = 4096 } },
        Topics = new() { InternalPartitions = 2 },
        Cleaner = new() { Backoff = TimeSpan.FromHours(1) },
    }, disk, Time);

    /// <summary>
    /// The broker ends at one of its next file operations: the next one starts with what the disk held then, whatever this one still does
    /// to its own.
    /// </summary>
    private async Task EndDuringAsync(Func<BrokerHost, Task> request)
    {
        var cut = new Cut(_disk, random);
        await request(Host);
        var left = cut.Take();
        await Host.DisposeAsync();
        Ends++;
        for (; random.Next(4) == 0; Ends++)
        {
            cut = new Cut(left, random);
            await using (await OpenAsync(left))
                left = cut.Take();
        }

        _disk = left;
        _host = await OpenAsync(_disk);
    }

    /// <summary>What a disk leaves at one of its next operations, or later when it has fewer.</summary>
    private sealed class Cut
    {
        private readonly Lock _gate = new();
        private readonly MemoryFileSystem _disk;
        private readonly PowerCutRules _rules;
        private int _operations;
        private MemoryFileSystem? _left;

        public Cut(MemoryFileSystem disk, Random random)
        {
            _disk = disk;
            _operations = random.Next(MostOperations);
            _rules = random.Next(3) switch
            {
                0 => new PowerCutRules(Survival.None, Survival.None),
                1 => new PowerCutRules(Survival.Prefix, Survival.Prefix, new Random(random.Next())),
                _ => new PowerCutRules(Survival.All, Survival.All), // killed: what was written is there
            };
            disk.Fault = Note;
        }

        public MemoryFileSystem Take()
        {
            lock (_gate)
                return _left ??= _disk.PowerCut(_rules);
        }

        private IOException? Note(FileOperation operation, string path)
        {
            lock (_gate)
            {
                if (operation != FileOperation.Read && _operations-- == 0)
                    _left ??= _disk.PowerCut(_rules);
            }

            return null;
        }
    }
}

/// <summary>What became of a request.</summary>
internal enum Fate
{
    /// <summary>It never reached the broker; the client does not know that.</summary>
    Lost,

    /// <summary>It may have been carried out; no answer came.</summary>
    Unanswered,

    /// <summary>An answer came.</summary>
    Answered,
}

/// <summary>What a client learns of a request.</summary>
internal readonly record struct Reply<T>(Fate Fate, T? Answer)
{
    public bool IsAnswered => Fate == Fate.Answered;
}

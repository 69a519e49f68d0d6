using StreamSQL.Storage.Files;

namespace StreamSQL.UnitTests.Broker.Crashes;

/// <summary>
/// What a broker that works on a simulated disk has acknowledged, and cuts of the power at its file operations: each finds what had been
/// acknowledged by then, and of the step under way all or nothing.
/// </summary>
internal sealed class CrashBook
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _acknowledged = [];
    private readonly Random _random;
    private readonly int _every;
    private (string Key, string Value)? _underWay;
    private int _operations;

    /// <param name="disk">The disk; its operations are watched from now on.</param>
    /// <param name="seed">Says what of the unflushed a cut leaves.</param>
    /// <param name="every">A cut at every so-manieth operation.</param>
    public CrashBook(MemoryFileSystem disk, int seed, int every)
    {
        _random = new Random(seed);
        _every = every;
        disk.Fault = (operation, path) =>
        {
            if (operation != FileOperation.Read)
                Note(disk, $"{operation} {path}");
            return null;
        };
    }

    /// <summary>What the power cuts left, and what had to be there.</summary>
    public List<CrashCut> Cuts { get; } = [];

    /// <summary>Runs a step that makes a key have a value, and is acknowledged when it completes.</summary>
    public async Task StepAsync(string key, string value, Func<Task> step)
    {
        lock (_gate)
            _underWay = (key, value);
        await step();
        lock (_gate)
        {
            _acknowledged[key] = value;
            _underWay = null;
        }
    }

    private void Note(MemoryFileSystem disk, string operation)
    {
        lock (_gate)
        {
            if (++_operations % _every != 0)
                return;
            Survival survival = _random.Next(3) switch { 0 => Survival.None, 1 => Survival.Prefix, _ => Survival.Any };
            MemoryFileSystem left = disk.PowerCut(
                new PowerCutRules(survival == Survival.Any ? Survival.Prefix : survival, survival, _random));
            Cuts.Add(new CrashCut($"{_operations}: {operation}, {survival}", left, new Dictionary<string, string>(_acknowledged),
                _underWay));
        }
    }
}

/// <summary>A disk as a power cut left it.</summary>
/// <param name="Name">When it was, for messages.</param>
/// <param name="Disk">The disk.</param>
/// <param name="Acknowledged">What had been acknowledged before.</param>
/// <param name="UnderWay">The step that had begun and was not acknowledged.</param>
internal sealed record CrashCut(string Name, MemoryFileSystem Disk, Dictionary<string, string> Acknowledged,
    (string Key, string Value)? UnderWay)
{
    /// <summary>Compares what a restart finds with what has to be there.</summary>
    /// <param name="find">The value of a key; a missing one is "".</param>
    /// <param name="keys">All keys that there ever were.</param>
    public void Check(Func<string, string> find, IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            string expected = Acknowledged.GetValueOrDefault(key, "");
            string found = find(key);
            if (UnderWay is { } step && step.Key == key && found == step.Value)
                continue;
            found.ShouldBe(expected, $"{key} after a power cut at {Name}");
        }
    }
}

namespace StreamSQL.Storage.Files;

/// <summary>
/// The names of a simulated disk: as the process sees them, as a power cut leaves them, and the changes between, in order. A change is
/// durable once the directory that it was made in is flushed.
/// </summary>
internal sealed class MemoryNames
{
    private readonly List<Change> _unflushed = [];

    public SortedDictionary<string, MemoryFile> Files { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Directories { get; } = new(StringComparer.Ordinal);

    private SortedDictionary<string, MemoryFile> DurableFiles { get; } = new(StringComparer.Ordinal);

    private SortedSet<string> DurableDirectories { get; } = new(StringComparer.Ordinal);

    public void Add(string path, MemoryFile file) => Apply(new Change(null, path, file));

    public void Remove(string path) => Apply(new Change(path, null, null));

    public void Rename(string from, string to) => Apply(new Change(from, to, Files[from]));

    public void AddDirectory(string path) => Apply(new Change(null, path, null));

    public void RemoveDirectory(string path) => Apply(new Change(path, null, null) { IsDirectory = true });

    /// <summary>Makes the changes in some directories durable.</summary>
    public void Flush(Func<string, bool> isFlushed)
    {
        _unflushed.RemoveAll(change =>
        {
            if (!isFlushed(change.Directory))
                return false;
            change.Apply(DurableFiles, DurableDirectories);
            return true;
        });
    }

    /// <summary>The names after a power cut, of files that are yet to be copied.</summary>
    public MemoryNames AfterPowerCut(PowerCutRules rules, Func<string, MemoryFile, MemoryFile> copy)
    {
        var files = new SortedDictionary<string, MemoryFile>(DurableFiles, StringComparer.Ordinal);
        var directories = new SortedSet<string>(DurableDirectories, StringComparer.Ordinal);
        foreach (var change in Surviving(rules))
            change.Apply(files, directories);
        var after = new MemoryNames();
        foreach (var directory in directories)
        {
            if (!IsReachable(directory, directories))
                continue;
            after.Directories.Add(directory);
            after.DurableDirectories.Add(directory);
        }

        foreach (var (path, file) in files)
        {
            if (!after.Directories.Contains(Parent(path)))
                continue;
            var survivor = copy(path, file);
            after.Files.Add(path, survivor);
            after.DurableFiles.Add(path, survivor);
        }

        return after;
    }

    public static string Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    private static bool IsReachable(string directory, SortedSet<string> directories)
    {
        for (var at = Parent(directory); at.Length > 0; at = Parent(at))
        {
            if (!directories.Contains(at))
                return false;
        }

        return true;
    }

    private IEnumerable<Change> Surviving(PowerCutRules rules)
    {
        switch (rules.Names)
        {
            case Survival.None or Survival.LengthOnly:
                return [];
            case Survival.All:
                return _unflushed;
            case Survival.Prefix:
                return _unflushed.Take(rules.Random!.Next(_unflushed.Count + 1));
            default:
                return _unflushed.GroupBy(change => change.Directory)
                    .SelectMany(changes => changes.Take(rules.Random!.Next(changes.Count() + 1))).ToList();
        }
    }

    private void Apply(Change change)
    {
        change.Apply(Files, Directories);
        _unflushed.Add(change);
    }

    /// <summary>A name that goes, or comes, or both (a rename); without a file, that of a directory.</summary>
    private sealed record Change(string? From, string? To, MemoryFile? File)
    {
        public bool IsDirectory { get; init; }

        public string Directory => Parent(To ?? From!);

        public void Apply(SortedDictionary<string, MemoryFile> files, SortedSet<string> directories)
        {
            if (From is not null && IsDirectory)
                directories.Remove(From);
            else if (From is not null)
                files.Remove(From);
            if (To is not null && File is null)
                directories.Add(To);
            else if (To is not null)
                files[To] = File!;
        }
    }
}

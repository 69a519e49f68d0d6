using System.Globalization;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>A file of consecutive record batches, named by the offset of the first, and its index.</summary>
internal sealed class Segment
{
    public const string LogExtension = ".log";
    public const string IndexExtension = ".index";
    private const int NameDigits = 20;
    private const char GenerationMark = '-';
    private readonly string _stem;
    private SegmentIndex? _index;
    private WeakReference<SegmentIndex>? _cachedIndex;
    private bool _distrustsIndexFile;
    private long _verifiedBytes;

    public Segment(string directory, long baseOffset, long startPosition, SegmentIndex? index, long generation = 0)
    {
        BaseOffset = baseOffset;
        Generation = generation;
        StartPosition = startPosition;
        Directory = directory;
        _stem = $"{directory}/{NameOf(baseOffset, generation)}";
        LogPath = _stem + LogExtension;
        _index = index;
    }

    public string Directory { get; }

    /// <summary>The first offset that the segment stands for; it names the file.</summary>
    public long BaseOffset { get; }

    /// <summary>
    /// Which rewriting by the log cleaner wrote the file; 0 for one that was appended to. It is part of the file's name, so a rewritten
    /// file never has the name of one that readers, or the journal, mean.
    /// </summary>
    public long Generation { get; }

    /// <summary>The log position (see <see cref="PartitionLog"/>) of the file's first byte.</summary>
    public long StartPosition { get; private set; }

    /// <summary>Bytes of batches, those included that are only in memory yet.</summary>
    public long Length { get; set; }

    public string LogPath { get; }

    public string IndexPath => _stem + IndexExtension;

    public long EndPosition => StartPosition + Length;

    /// <summary>Whether the file is known to be there.</summary>
    public bool IsCreated { get; set; }

    /// <summary>Whether the file's name is known to be durable.</summary>
    public bool NameIsDurable { get; set; }

    /// <summary>Bytes from the file's beginning on that have been read and verified since the log was opened.</summary>
    public long VerifiedBytes
    {
        get => Volatile.Read(ref _verifiedBytes);
        set => Volatile.Write(ref _verifiedBytes, value);
    }

    /// <summary>Segment bytes that the index file on disk covers.</summary>
    public long SavedIndexBytes { get; set; }

    /// <summary>Whether the index is in memory for good: the segment is being written, or has not been flushed since.</summary>
    public bool IsIndexInMemory => _index is not null;

    /// <summary>
    /// Ends a segment that the cleaner wrote. It lies before position 0, as all that is written does for a log that is opened.
    /// </summary>
    public void Complete(long length)
    {
        Length = length;
        StartPosition = -length;
    }

    /// <summary>Takes an index that was loaded when the log was opened.</summary>
    public void AdoptIndex(SegmentIndex? index) => _index = index;

    /// <summary>The index while the segment is being written.</summary>
    public SegmentIndex ActiveIndex => _index ?? throw new InvalidOperationException($"'{LogPath}' is not being written.");

    /// <summary>The index, loaded or rebuilt when it is not in memory.</summary>
    public SegmentIndex GetIndex(LogContext context, int intervalBytes)
    {
        if (_index is { } active)
            return active;
        if (_cachedIndex is { } cached && cached.TryGetTarget(out var index))
            return index;
        index = _distrustsIndexFile ? null : SegmentIndexFile.TryLoad(context.FileSystem, IndexPath, Length);
        if (index is null || index.CoveredBytes < Length)
        {
            index = Rebuild(context, intervalBytes);
            SaveIndex(context, index);
        }

        _cachedIndex = new WeakReference<SegmentIndex>(index);
        return index;
    }

    /// <summary>Drops an index that does not fit the segment, though it verifies; false when it has been built from the segment.</summary>
    public bool TryDropIndex()
    {
        if (_index is not null || _distrustsIndexFile)
            return false;
        _distrustsIndexFile = true;
        _cachedIndex = null;
        return true;
    }

    /// <summary>Lets go of the index of a segment that is complete and whose index file has been saved.</summary>
    public void Seal()
    {
        if (_index is not { } index)
            return;
        _cachedIndex = new WeakReference<SegmentIndex>(index);
        _index = null;
    }

    /// <summary>Saves all of an index that nobody else uses yet.</summary>
    public void SaveIndex(LogContext context, SegmentIndex index)
    {
        var update = index.Unsaved(index.CoveredBytes, index.EndOffset);
        SaveIndex(context, update);
        index.NoteSaved(update);
    }

    /// <summary>Writes the index file. It is not flushed: it is checked when it is read, and rebuilt when it does not verify.</summary>
    public void SaveIndex(LogContext context, in IndexUpdate update)
    {
        using var file = context.FileSystem.Open(IndexPath, FileOpening.OpenOrCreate);
        SegmentIndexFile.Write(file, update);
        SavedIndexBytes = update.Head.CoveredBytes;
    }

    /// <summary>
    /// The place that a look-up meant, read from the index file where memory does not have it. When the file has lost that part, or no more
    /// files can be opened, it is a place before, from which a scan takes longer.
    /// </summary>
    public IndexEntry PlaceOf(LogContext context, in IndexPlace place, IndexColumn column, long value)
    {
        if (place.Block < 0)
            return place.Entry;
        Span<byte> block = stackalloc byte[SegmentIndex.BlockBytes];
        try
        {
            using var file = context.FileSystem.Open(IndexPath, FileOpening.Read);
            return file.Read(block, SegmentIndexFile.PositionOf(place.Block)) == block.Length && Crc32C.Compute(block) == place.Checksum
                ? SegmentIndex.FindIn(block, column, value)
                : place.Entry;
        }
        catch (IOException)
        {
            return place.Entry;
        }
    }

    public static string NameOf(long baseOffset, long generation = 0)
    {
        var name = baseOffset.ToString("D20", CultureInfo.InvariantCulture);
        return generation == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}{GenerationMark}{generation}");
    }

    /// <summary>
    /// Reads base offset and generation from a file name like <c>00000000000000000042.log</c> or <c>00000000000000000042-7.index</c>.
    /// </summary>
    public static bool TryParseName(string fileName, string extension, out long baseOffset, out long generation)
    {
        (baseOffset, generation) = (0, 0);
        if (!fileName.EndsWith(extension, StringComparison.Ordinal) || fileName.Length < NameDigits + extension.Length
            || !TryParseNumber(fileName.AsSpan(0, NameDigits), out baseOffset))
            return false;
        var rest = fileName.AsSpan(NameDigits..^extension.Length);
        return rest.IsEmpty || (rest[0] == GenerationMark && TryParseNumber(rest[1..], out generation));
    }

    private static bool TryParseNumber(ReadOnlySpan<char> digits, out long number) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private SegmentIndex Rebuild(LogContext context, int intervalBytes)
    {
        var index = new SegmentIndex();
        index.BeginAt(BaseOffset);
        using var lease = context.Files.Open(LogPath, FileOpening.Write);
        while (index.CoveredBytes < Length)
        {
            AddIntact(lease.File, index, intervalBytes);
            if (index.CoveredBytes >= Length)
                break;
            var (position, offset) = DamageScan.FindIntact(lease.File, index.CoveredBytes, Length, index.EndOffset, long.MaxValue);
            index.SkipTo(position, position < Length ? offset : index.EndOffset);
        }

        return index;
    }

    /// <summary>Adds intact batches to an index from its end on, up to the first that is not.</summary>
    public void AddIntact(IStorageFile file, SegmentIndex index, int intervalBytes)
    {
        using var scanner = new BatchScanner(file, index.CoveredBytes, Length);
        while (scanner.MoveNext())
        {
            var batch = scanner.Current;
            if (!DamageScan.Follows(batch.Batch, index.EndOffset, Generation > 0, long.MaxValue, Length - scanner.Position)
                || RecordBatchValidator.CheckIntact(batch.Batch, out _) != ErrorCode.None)
                return;
            index.Add(BaseOffset, batch, batch.BaseOffset, batch.MaxTimestamp, intervalBytes);
        }
    }
}

/// <summary>What all logs of a data directory share.</summary>
internal sealed record LogContext(IFileSystem FileSystem, FileCache Files, TailBudget Tails, StorageOptions Options)
{
    private long _lastOrdinal;

    /// <summary>Keeps as much as logs under load hold at once: tails, what no segment holds yet, what waits to be written.</summary>
    public BufferPool Buffers { get; } = new(Options.HotTailBytes + Options.Journal.CheckpointBytes + Options.MaxQueuedBytes);

    /// <summary>What was found damaged at the opening and could be made whole again, as messages.</summary>
    public List<string> Repairs { get; } = [];

    /// <summary>Called when a log was found to be damaged.</summary>
    public Action<LogId, DamagedRange>? DamageFound { get; set; }

    public long NextOrdinal() => Interlocked.Increment(ref _lastOrdinal);
}

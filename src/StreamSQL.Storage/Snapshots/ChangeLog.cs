using System.Buffers.Binary;
using System.Globalization;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Snapshots;

/// <summary>
/// Changes of what a <see cref="SnapshotStore"/> keeps whole, since its newest version: a small change of a large whole is a small write.
/// They are in two files that are alike, so that what has rotted in one is read from the other. A power cut leaves all changes that were
/// appended, and may leave the one that was under way. One writer at a time.
/// </summary>
/// <remarks>
/// A file is a header (magic u64, version i32, crc u32, content version i32, zeros i32, number of the snapshot i64) and frames (length u32,
/// crc u32, bytes), all little-endian. The first append after a snapshot creates the files.
/// </remarks>
public sealed class ChangeLog : IDisposable
{
    private const int Version = 1;
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 8;
    private const ulong Magic = 0x474E4843_51535353; // "SSSQCHNG"
    private static readonly string[] _extensions = [".changes", ".changes-copy"];
    private static readonly byte[] _unreadable = new byte[1]; // not empty: there is a file
    private readonly IFileSystem _fileSystem;
    private readonly string _directory;
    private readonly string _name;
    private readonly int _contentVersion;
    private readonly List<string> _repairs = [];
    private IStorageFile[]? _files;
    private long _snapshot;

    /// <summary>Opens the log; what is there is read by <see cref="Read"/>.</summary>
    /// <param name="fileSystem">Where the files are.</param>
    /// <param name="directory">The directory of the snapshots, which is there.</param>
    /// <param name="name">The name that the files begin with.</param>
    /// <param name="contentVersion">The version of the content's format; a newer one found on disk is refused.</param>
    public ChangeLog(IFileSystem fileSystem, string directory, string name, int contentVersion)
    {
        _fileSystem = fileSystem;
        _directory = directory;
        _name = name;
        _contentVersion = contentVersion;
    }

    /// <summary>
    /// Whether changes can be appended; otherwise the next one needs a new snapshot: before the first, after an append that failed, and
    /// when not all that was read verified in both files.
    /// </summary>
    public bool CanAppend { get; private set; }

    /// <summary>Bytes in each of the files.</summary>
    public long Length { get; private set; }

    /// <summary>What had rotted in one file and was read from the other, as messages.</summary>
    public IReadOnlyList<string> Repairs => _repairs;

    /// <summary>The changes since a snapshot, in order; appends go on behind them.</summary>
    /// <exception cref="CorruptDataException">A change that others follow verifies in neither file.</exception>
    /// <exception cref="UnknownFormatException">A newer version of StreamSQL wrote it.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> Read(long snapshot)
    {
        _snapshot = snapshot;
        byte[][] copies = [.. _extensions.Select(extension => ReadFile(PathOf(snapshot, extension)))];
        var changes = new List<ReadOnlyMemory<byte>>();
        var lacks = new int[copies.Length]; // the first change that a copy lacks, counted from 1; 0: none
        long end = HeaderBytes;
        while (FrameAt(copies, end, changes.Count + 1, lacks) is { } frame)
        {
            changes.Add(frame);
            end += FrameHeaderBytes + frame.Length;
        }

        RefuseGap(copies, end);
        for (var i = 0; i < copies.Length; i++)
        {
            // The last change alone may be missing because a power cut came between the two files.
            if (lacks[i] > 0 && lacks[i] < changes.Count)
                _repairs.Add($"'{PathOf(snapshot, _extensions[i])}' did not verify; what it holds was read from its copy.");
        }

        Length = changes.Count == 0 ? 0 : end;
        CanAppend = Array.TrueForAll(copies, copy => copy.Length == Length) && copies[0].AsSpan().SequenceEqual(copies[1]);
        return changes;
    }

    /// <summary>Appends a change; durable when this returns.</summary>
    /// <exception cref="InvalidOperationException">Not while <see cref="CanAppend"/> is false.</exception>
    /// <exception cref="IOException">
    /// It cannot be written, and the next change needs a new snapshot. Should the process end before that, the change may be there.
    /// </exception>
    public void Append(ReadOnlySpan<byte> change)
    {
        if (!CanAppend || change.IsEmpty)
            throw new InvalidOperationException("Changes are appended to a log that is in order, and are not empty.");
        CanAppend = false;
        var frame = new byte[FrameHeaderBytes + change.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, change.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), Crc32C.Compute(change));
        change.CopyTo(frame.AsSpan(FrameHeaderBytes));
        try
        {
            if (Length == 0)
                CreateWith(frame);
            else
                AppendTo(_files ??= Open(FileOpening.Write), frame, Length);
        }
        catch (IOException)
        {
            TakeBack();
            throw;
        }

        Length = Math.Max(Length, HeaderBytes) + frame.Length;
        CanAppend = true;
    }

    /// <summary>Begins anew behind a snapshot, which is durable: the changes before it are in it.</summary>
    public void BeginAfter(long snapshot)
    {
        Close();
        foreach (var file in _fileSystem.ListFiles(_directory))
        {
            if (file.StartsWith(_name + "-", StringComparison.Ordinal) && Array.Exists(_extensions, file.EndsWith))
                _fileSystem.DeleteFile($"{_directory}/{file}");
        }

        _snapshot = snapshot;
        Length = 0;
        CanAppend = true;
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void CreateWith(byte[] frame)
    {
        Span<byte> bytes = new byte[HeaderBytes + frame.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], _contentVersion);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], _snapshot);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Crc32C.Compute(bytes[16..HeaderBytes]));
        frame.CopyTo(bytes[HeaderBytes..]);
        _files = Open(FileOpening.CreateNew);
        AppendTo(_files, bytes, 0);
        _fileSystem.FlushDirectory(_directory);
    }

    private static void AppendTo(IStorageFile[] files, ReadOnlySpan<byte> bytes, long offset)
    {
        foreach (var file in files)
        {
            file.Write(bytes, offset);
            file.FlushData();
        }
    }

    private IStorageFile[] Open(FileOpening opening)
    {
        var files = new List<IStorageFile>();
        try
        {
            foreach (var extension in _extensions)
                files.Add(_fileSystem.Open(PathOf(_snapshot, extension), opening));
            return [.. files];
        }
        catch
        {
            files.ForEach(static file => file.Dispose());
            throw;
        }
    }

    /// <summary>Cuts off what an append that failed has left, as far as the disk lets it.</summary>
    private void TakeBack()
    {
        try
        {
            foreach (var file in _files ?? [])
                file.SetLength(Length);
        }
        catch (IOException)
        {
            // the failure that the caller is told of
        }
        finally
        {
            Close();
        }
    }

    private void Close()
    {
        foreach (var file in _files ?? [])
            file.Dispose();
        _files = null;
        CanAppend = false;
    }

    /// <summary>A file's bytes; none where it is missing, and nothing but them where its header does not verify.</summary>
    private byte[] ReadFile(string path)
    {
        if (!_fileSystem.FileExists(path))
            return [];
        using var file = _fileSystem.Open(path, FileOpening.Read);
        var bytes = new byte[file.Length];
        if (bytes.Length < HeaderBytes || file.Read(bytes, 0) < bytes.Length || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            return _unreadable;
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        var verifies = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) == Crc32C.Compute(bytes.AsSpan(16..HeaderBytes))
            && BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24)) == _snapshot;

        // The version is not in the checksum: where all else is as this version writes it, the version is what has rotted.
        if (version > Version && !verifies)
            throw new UnknownFormatException(path, version, Version);
        if (version != Version || !verifies)
            return _unreadable;
        var content = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16));
        return content <= _contentVersion ? bytes : throw new UnknownFormatException(path, content, _contentVersion);
    }

    /// <summary>The change at a place, from the first copy that has it, and which copies lack it; null behind the last one.</summary>
    private static ReadOnlyMemory<byte>? FrameAt(byte[][] copies, long at, int number, int[] lacks)
    {
        ReadOnlyMemory<byte>? found = null;
        for (var i = 0; i < copies.Length; i++)
        {
            var frame = FrameAt(copies[i], at);
            if (frame is null && lacks[i] == 0)
                lacks[i] = number;
            found ??= frame;
        }

        return found;
    }

    private static ReadOnlyMemory<byte>? FrameAt(byte[] copy, long at)
    {
        if (copy.Length - at <= FrameHeaderBytes)
            return null;
        var header = copy.AsSpan((int)at);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length <= 0 || length > header.Length - FrameHeaderBytes)
            return null;
        var content = copy.AsMemory((int)at + FrameHeaderBytes, length);
        if (Crc32C.Compute(content.Span) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
            return null;
        return content;
    }

    /// <summary>
    /// An append that a power cut has torn is the last one. Where a change stands behind one that verifies nowhere, that one was durable.
    /// </summary>
    private void RefuseGap(byte[][] copies, long end)
    {
        foreach (var copy in copies)
        {
            if (copy.Length - end <= FrameHeaderBytes)
                continue;
            var length = BinaryPrimitives.ReadInt32LittleEndian(copy.AsSpan((int)end));
            var next = end + FrameHeaderBytes + length;
            if (length > 0 && Array.Exists(copies, other => FrameAt(other, next) is not null))
                throw new CorruptDataException($"'{PathOf(_snapshot, _extensions[0])}' and its copy do not verify at {end}.");
        }
    }

    private string PathOf(long number, string extension) =>
        $"{_directory}/{_name}-{number.ToString("D20", CultureInfo.InvariantCulture)}{extension}";
}

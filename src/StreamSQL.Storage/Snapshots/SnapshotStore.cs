using System.Buffers.Binary;
using System.Globalization;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Snapshots;

/// <summary>
/// Numbered versions of one small file, replaced as a whole: written beside, flushed, renamed, directory flushed; then older ones are
/// deleted, but for one. A power cut leaves the old or the new version. One writer at a time.
/// </summary>
public sealed class SnapshotStore
{
    private const int Version = 1;
    private const int HeaderBytes = 32;
    private const int Kept = 2;
    private const ulong Magic = 0x50414E53_51535353; // "SSSQSNAP"
    private const string Extension = ".snapshot";
    private readonly IFileSystem _fileSystem;
    private readonly string _directory;
    private readonly string _name;
    private readonly int _contentVersion;
    private long _newest;

    /// <summary>Opens the store; the directory is created when missing.</summary>
    /// <param name="fileSystem">Where the files are.</param>
    /// <param name="directory">The directory, which may hold other stores.</param>
    /// <param name="name">The name that the files begin with.</param>
    /// <param name="contentVersion">The version of the content's format; a newer one found on disk is refused.</param>
    public SnapshotStore(IFileSystem fileSystem, string directory, string name, int contentVersion)
    {
        _fileSystem = fileSystem;
        _directory = directory;
        _name = name;
        _contentVersion = contentVersion;
        fileSystem.CreateDirectoryDurably(directory);
        var numbers = Numbers();
        _newest = numbers.Count == 0 ? 0 : numbers[^1];
    }

    /// <summary>Writes a new version; durable when this returns.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        var number = _newest + 1;
        var path = PathOf(number);
        var temporary = path + ".tmp";
        _fileSystem.DeleteFile(temporary);
        using (var file = _fileSystem.Open(temporary, FileOpening.CreateNew))
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            WriteHeader(header, content);
            file.Write(header, 0);
            file.Write(content, HeaderBytes);
#if PLANTED_BUGS
            if (!Planted.IsAwake(PlantedBug.RenameBeforeSync))
#endif
            file.FlushData();
        }

        _fileSystem.Rename(temporary, path);
#if PLANTED_BUGS
        if (!Planted.IsAwake(PlantedBug.ForgetSnapshotDirectorySync))
#endif
        _fileSystem.FlushDirectory(_directory);
        _newest = number;
        foreach (var old in Numbers())
        {
            if (old <= number - Kept)
                _fileSystem.DeleteFile(PathOf(old));
        }
    }

    /// <summary>The newest version; null when there is none.</summary>
    /// <exception cref="CorruptDataException">It does not verify.</exception>
    /// <exception cref="UnknownFormatException">A newer version of StreamSQL wrote it.</exception>
    public byte[]? ReadNewest()
    {
        if (_newest == 0)
            return null;
        return TryRead(_newest, out var content) ? content : throw new CorruptDataException($"'{PathOf(_newest)}' does not verify.");
    }

    /// <summary>The newest version that verifies, for content that can be rebuilt; null when there is none.</summary>
    /// <exception cref="UnknownFormatException">A newer version of StreamSQL wrote it.</exception>
    public byte[]? ReadNewestValid()
    {
        var numbers = Numbers();
        for (var i = numbers.Count - 1; i >= 0; i--)
        {
            if (TryRead(numbers[i], out var content))
                return content;
        }

        return null;
    }

    /// <summary>Deletes all versions.</summary>
    public void Clear()
    {
        foreach (var number in Numbers())
            _fileSystem.DeleteFile(PathOf(number));
        _fileSystem.FlushDirectory(_directory);
    }

    private static uint ContentCrc(ReadOnlySpan<byte> header, ReadOnlySpan<byte> content) =>
        Crc32C.Compute(content) ^ Crc32C.Compute(header[16..HeaderBytes]);

    /// <summary>magic u64, store version i32, crc u32, content version i32, zeros, content length i64.</summary>
    private void WriteHeader(Span<byte> header, ReadOnlySpan<byte> content)
    {
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], _contentVersion);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], ContentCrc(header, content));
    }

    private bool TryRead(long number, out byte[] content)
    {
        content = [];
        var path = PathOf(number);
        using var file = _fileSystem.Open(path, FileOpening.Read);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.Read(header, 0) < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic)
            return false;
        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        var verifies = false;
        if (length >= 0 && length == file.Length - HeaderBytes)
        {
            content = new byte[length];
            verifies = file.Read(content, HeaderBytes) == length
                && BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) == ContentCrc(header, content);
        }

        // The version is not in the checksum: where all else is as this version writes it, the version is what has rotted.
        if (verifies && version != Version)
            return false;
        RefuseUnknown(path, version, Version);
        if (!verifies)
            return false;
        RefuseUnknown(path, BinaryPrimitives.ReadInt32LittleEndian(header[16..]), _contentVersion);
        return true;
    }

    private static void RefuseUnknown(string path, int found, int known)
    {
        if (found > known)
            throw new UnknownFormatException(path, found, known);
    }

    private List<long> Numbers()
    {
        var numbers = new List<long>();
        foreach (var file in _fileSystem.ListFiles(_directory))
        {
            if (file.Length > _name.Length + 1 + Extension.Length && file.StartsWith(_name, StringComparison.Ordinal)
                && file[_name.Length] == '-' && file.EndsWith(Extension, StringComparison.Ordinal)
                && long.TryParse(
                    file.AsSpan((_name.Length + 1)..^Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                numbers.Add(number);
        }

        numbers.Sort();
        return numbers;
    }

    private string PathOf(long number) => $"{_directory}/{_name}-{number.ToString("D20", CultureInfo.InvariantCulture)}{Extension}";
}

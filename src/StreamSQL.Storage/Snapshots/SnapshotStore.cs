using System.Buffers.Binary;
using System.Globalization;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Snapshots;

/// <summary>
/// Numbered versions of one small file, replaced as a whole: written beside, flushed, renamed, directory flushed; then older ones are
/// deleted, but for one. A power cut leaves the old or the new version. One writer at a time. A store of what cannot be found again
/// elsewhere keeps each version in two files: where one of them has rotted, it is written again from the other.
/// </summary>
public sealed class SnapshotStore
{
    private const int Version = 1;
    private const int HeaderBytes = 32;
    private const int Kept = 2;
    private const ulong Magic = 0x50414E53_51535353; // "SSSQSNAP"
    private const string Extension = ".snapshot";
    private const string CopyExtension = ".copy";
    private readonly IFileSystem _fileSystem;
    private readonly string _directory;
    private readonly string _name;
    private readonly int _contentVersion;
    private readonly string[] _extensions;
    private readonly List<string> _repairs = [];
    private long _newest;

    /// <summary>Opens the store; the directory is created when missing.</summary>
    /// <param name="fileSystem">Where the files are.</param>
    /// <param name="directory">The directory, which may hold other stores.</param>
    /// <param name="name">The name that the files begin with.</param>
    /// <param name="contentVersion">The version of the content's format; a newer one found on disk is refused.</param>
    /// <param name="twice">Whether each version is kept in two files.</param>
    public SnapshotStore(IFileSystem fileSystem, string directory, string name, int contentVersion, bool twice = false)
    {
        _fileSystem = fileSystem;
        _directory = directory;
        _name = name;
        _contentVersion = contentVersion;
        _extensions = twice ? [Extension, CopyExtension] : [Extension];
        fileSystem.CreateDirectoryDurably(directory);
        var numbers = Numbers();
        _newest = numbers.Count == 0 ? 0 : numbers[^1];
    }

    /// <summary>The number of the newest version; 0 when there is none.</summary>
    public long Newest => _newest;

    /// <summary>What had rotted and was written again from its other copy, as messages.</summary>
    public IReadOnlyList<string> Repairs => _repairs;

    /// <summary>Writes a new version; durable when this returns.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        var number = _newest + 1;
        foreach (var extension in _extensions)
            WriteTemporary(PathOf(number, extension), content);
        foreach (var extension in _extensions)
            PutInPlace(PathOf(number, extension));
#if PLANTED_BUGS
        if (!Planted.IsAwake(PlantedBug.ForgetSnapshotDirectorySync))
#endif
        _fileSystem.FlushDirectory(_directory);
        _newest = number;
        foreach (var old in Numbers())
        {
            if (old <= number - Kept)
                Delete(old);
        }
    }

    /// <summary>The newest version; null when there is none.</summary>
    /// <exception cref="CorruptDataException">It does not verify.</exception>
    /// <exception cref="UnknownFormatException">A newer version of StreamSQL wrote it.</exception>
    public byte[]? ReadNewest()
    {
        if (_newest == 0)
            return null;
        return TryReadAny(_newest, out var content)
            ? content
            : throw new CorruptDataException($"'{PathOf(_newest, Extension)}' does not verify.");
    }

    /// <summary>The newest version that verifies, for content that can be rebuilt; null when there is none.</summary>
    /// <exception cref="UnknownFormatException">A newer version of StreamSQL wrote it.</exception>
    public byte[]? ReadNewestValid()
    {
        var numbers = Numbers();
        for (var i = numbers.Count - 1; i >= 0; i--)
        {
            if (TryReadAny(numbers[i], out var content))
                return content;
        }

        return null;
    }

    /// <summary>Deletes all versions.</summary>
    public void Clear()
    {
        foreach (var number in Numbers())
            Delete(number);
        _fileSystem.FlushDirectory(_directory);
    }

    private void Delete(long number)
    {
        foreach (var extension in _extensions)
            _fileSystem.DeleteFile(PathOf(number, extension));
    }

    private void WriteTemporary(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        _fileSystem.DeleteFile(temporary);
        using var file = _fileSystem.Open(temporary, FileOpening.CreateNew);
        Span<byte> header = stackalloc byte[HeaderBytes];
        WriteHeader(header, content);
        file.Write(header, 0);
        file.Write(content, HeaderBytes);
#if PLANTED_BUGS
        if (!Planted.IsAwake(PlantedBug.RenameBeforeSync))
#endif
        file.FlushData();
    }

    private void PutInPlace(string path) => _fileSystem.Rename(path + ".tmp", path);

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

    private bool TryReadAny(long number, out byte[] content)
    {
        byte[]? good = null;
        List<string> bad = [];
        foreach (var extension in _extensions)
        {
            var path = PathOf(number, extension);
            if (_fileSystem.FileExists(path))
            {
                if (TryRead(path, out var read))
                {
                    good ??= read;
                    continue;
                }

                _repairs.Add($"'{path}' did not verify; it was written again from its copy.");
            }

            bad.Add(path);
        }

        content = good ?? [];
        if (good is null)
            _repairs.Clear(); // there was nothing to repair it from
        else
            Repair(bad, good);
        return good is not null;
    }

    /// <summary>Writes copies again that are missing or do not verify. On a full disk the next version is what repairs them.</summary>
    private void Repair(List<string> paths, byte[] content)
    {
        try
        {
            foreach (var path in paths)
            {
                WriteTemporary(path, content);
                PutInPlace(path);
            }

            if (paths.Count > 0)
                _fileSystem.FlushDirectory(_directory);
        }
        catch (IOException e) when (StorageErrors.IsDiskFull(e))
        {
            _repairs.Add($"There was no room to write '{paths[0]}' again.");
        }
    }

    private bool TryRead(string path, out byte[] content)
    {
        content = [];
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
            foreach (var extension in _extensions)
            {
                if (TryParseName(file, extension, out var number) && !numbers.Contains(number))
                    numbers.Add(number);
            }
        }

        numbers.Sort();
        return numbers;
    }

    private bool TryParseName(string file, string extension, out long number)
    {
        number = 0;
        return file.Length > _name.Length + 1 + extension.Length && file.StartsWith(_name, StringComparison.Ordinal)
            && file[_name.Length] == '-' && file.EndsWith(extension, StringComparison.Ordinal)
            && long.TryParse(
                file.AsSpan((_name.Length + 1)..^extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private string PathOf(long number, string extension) =>
        $"{_directory}/{_name}-{number.ToString("D20", CultureInfo.InvariantCulture)}{extension}";
}

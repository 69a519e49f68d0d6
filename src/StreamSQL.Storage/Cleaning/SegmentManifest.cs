using System.Buffers.Binary;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Storage.Cleaning;

/// <summary>A segment as a manifest names it.</summary>
/// <param name="BaseOffset">The first offset that it stands for.</param>
/// <param name="Generation">Which rewriting wrote it; 0 for one that was appended to.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct ManifestSegment(long BaseOffset, long Generation, long Length);

/// <summary>
/// Which files are a log's segments below an offset, once the log has been cleaned; from there on, they are those that the directory holds.
/// Replacing the manifest is the one step that makes rewritten segments the log's. A file below the offset that the manifest does not name
/// is left over from before or after such a step.
/// </summary>
/// <param name="EndOffset">Where the offsets end that the named segments stand for.</param>
/// <param name="FirstDirtyOffset">From where on the log has not been cleaned.</param>
/// <param name="LastGeneration">The last generation that was given out.</param>
/// <param name="Segments">The segments, in order.</param>
internal sealed record SegmentManifest(long EndOffset, long FirstDirtyOffset, long LastGeneration, IReadOnlyList<ManifestSegment> Segments)
{
    private const int Version = 1;
    private const int HeaderBytes = 24;
    private const int EntryBytes = 24;
    private const string Name = "segments";

    /// <summary>The manifest of a log that was never cleaned.</summary>
    public static SegmentManifest None { get; } = new(0, 0, 0, []);

    /// <summary>Whether a file in a log's directory belongs to a manifest.</summary>
    public static bool IsManifestFile(string fileName) => fileName.StartsWith(Name, StringComparison.Ordinal);

    /// <summary>Reads a log's manifest.</summary>
    /// <param name="fileSystem">Where the files are.</param>
    /// <param name="directory">The log's directory.</param>
    /// <param name="repairs">Gets what was repaired, as messages.</param>
    /// <exception cref="CorruptDataException">It does not verify.</exception>
    /// <exception cref="UnknownFormatException">A newer version wrote it.</exception>
    public static SegmentManifest Read(IFileSystem fileSystem, string directory, List<string> repairs)
    {
        var store = Open(fileSystem, directory);
        var manifest = store.ReadNewest() is { } bytes ? Decode(bytes, directory) : None;
        repairs.AddRange(store.Repairs);
        return manifest;
    }

    /// <summary>Makes this the log's manifest; durable when it returns.</summary>
    public void Write(IFileSystem fileSystem, string directory) => Open(fileSystem, directory).Write(Encode());

    private static SnapshotStore Open(IFileSystem fileSystem, string directory) => new(fileSystem, directory, Name, Version, twice: true);

    private byte[] Encode()
    {
        var bytes = new byte[HeaderBytes + (Segments.Count * EntryBytes)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, EndOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), FirstDirtyOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), LastGeneration);
        for (var i = 0; i < Segments.Count; i++)
        {
            var entry = bytes.AsSpan(HeaderBytes + (i * EntryBytes), EntryBytes);
            BinaryPrimitives.WriteInt64LittleEndian(entry, Segments[i].BaseOffset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], Segments[i].Generation);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], Segments[i].Length);
        }

        return bytes;
    }

    private static SegmentManifest Decode(ReadOnlySpan<byte> bytes, string directory)
    {
        if (bytes.Length < HeaderBytes || (bytes.Length - HeaderBytes) % EntryBytes != 0)
            throw new CorruptDataException($"The segment manifest of '{directory}' verifies but does not name segments.");
        var segments = new ManifestSegment[(bytes.Length - HeaderBytes) / EntryBytes];
        for (var i = 0; i < segments.Length; i++)
        {
            var entry = bytes.Slice(HeaderBytes + (i * EntryBytes), EntryBytes);
            segments[i] = new ManifestSegment(
                BinaryPrimitives.ReadInt64LittleEndian(entry),
                BinaryPrimitives.ReadInt64LittleEndian(entry[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(entry[16..]));
        }

        return new SegmentManifest(
            BinaryPrimitives.ReadInt64LittleEndian(bytes),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            segments);
    }
}

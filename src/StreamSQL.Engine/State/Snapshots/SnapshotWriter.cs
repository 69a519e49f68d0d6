using System.Buffers.Binary;
using StreamSQL.Engine.Tasks;
using StreamSQL.Storage.Files;

namespace StreamSQL.Engine.State.Snapshots;

/// <summary>
/// Writes one snapshot file (<see cref="SnapshotLayout"/>), front to back. Flushed every few megabytes,
/// so that the last flush does not hold up others' for long.
/// </summary>
internal sealed class SnapshotWriter : IDisposable
{
    private const long FlushBytes = 8 * 1024 * 1024;

    private readonly IStorageFile _file;
    private readonly byte[] _frame = new byte[SnapshotLayout.FrameBytes + SnapshotLayout.EndBytes];
    private int _blocks;
    private long _flushed;

    /// <summary>Begins a file that is not there yet.</summary>
    public SnapshotWriter(IFileSystem fileSystem, string path, SnapshotHeader header)
    {
        _file = fileSystem.Open(path, FileOpening.CreateNew);
        SnapshotLayout.WriteFileHeader(_frame);
        _file.Write(_frame.AsSpan(0, SnapshotLayout.FileHeaderBytes), 0);
        Length = SnapshotLayout.FileHeaderBytes;
        var block = new ByteWriter();
        header.Write(block);
        Write(block.Written);
    }

    /// <summary>Bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>Appends a block.</summary>
    public void Write(ReadOnlySpan<byte> block)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_frame, block.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_frame.AsSpan(4), SnapshotLayout.Checksum(_blocks++, block));
        _file.Write(_frame.AsSpan(0, SnapshotLayout.FrameBytes), Length);
        _file.Write(block, Length + SnapshotLayout.FrameBytes);
        Length += SnapshotLayout.FrameBytes + block.Length;
        if (Length - _flushed < FlushBytes)
            return;
        _file.FlushData();
        _flushed = Length;
    }

    /// <summary>Appends the end and makes everything durable.</summary>
    /// <param name="endOffset">The end of the changelog when the last block was written.</param>
    /// <param name="rows">How many entries the blocks hold.</param>
    public void Finish(long endOffset, long rows)
    {
        var end = _frame.AsSpan(SnapshotLayout.FrameBytes);
        BinaryPrimitives.WriteInt64LittleEndian(end, endOffset);
        BinaryPrimitives.WriteInt64LittleEndian(end[8..], rows);
        BinaryPrimitives.WriteInt32LittleEndian(_frame, SnapshotLayout.EndMark);
        BinaryPrimitives.WriteUInt32LittleEndian(_frame.AsSpan(4), SnapshotLayout.Checksum(_blocks, end));
        _file.Write(_frame, Length);
        Length += _frame.Length;
        _file.FlushData();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}

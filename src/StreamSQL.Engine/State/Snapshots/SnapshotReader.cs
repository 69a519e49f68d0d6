using System.Buffers.Binary;
using StreamSQL.Storage.Files;

namespace StreamSQL.Engine.State.Snapshots;

/// <summary>Reads one snapshot file (<see cref="SnapshotLayout"/>), front to back.</summary>
internal sealed class SnapshotReader : IDisposable
{
    private const int ReadBytes = 4 * 1024 * 1024;

    private readonly IStorageFile _file;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private long _filePosition;
    private int _blocks;

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="InvalidDataException">It is not a snapshot of this version, or it is damaged.</exception>
    public SnapshotReader(IFileSystem fileSystem, string path)
    {
        _file = fileSystem.Open(path, FileOpening.Read);
        try
        {
            Length = _file.Length;
            _buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(Length, ReadBytes));
            SnapshotLayout.CheckFileHeader(Take((int)Math.Min(Length, SnapshotLayout.FileHeaderBytes)));
            Header = TryRead(out var block) ? SnapshotHeader.Read(block) : throw new InvalidDataException("it has no header");
            ReadEnd();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>What it says about itself.</summary>
    public SnapshotHeader Header { get; }

    /// <summary>The end of the changelog when its last block was written.</summary>
    public long EndOffset { get; private set; }

    /// <summary>How many entries it holds.</summary>
    public long Rows { get; private set; }

    /// <summary>Its bytes.</summary>
    public long Length { get; }

    /// <summary>The next block, lent until the next call; false at the end.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public bool TryRead(out BlockReader block)
    {
        var frame = Take(SnapshotLayout.FrameBytes);
        var length = BinaryPrimitives.ReadInt32LittleEndian(frame);
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);
        var isEnd = length == SnapshotLayout.EndMark;
        var bytes = Take(isEnd ? SnapshotLayout.EndBytes : length);
        if (checksum != SnapshotLayout.Checksum(_blocks, bytes))
            throw new InvalidDataException($"block {_blocks} does not verify");
        _blocks++;
        block = new BlockReader(bytes, Length);
        if (isEnd && Position != Length)
            throw new InvalidDataException("something follows its end");
        return !isEnd;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private long Position => _filePosition - (_end - _start);

    /// <summary>The next bytes of the file.</summary>
    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > Length - Position)
            throw new InvalidDataException($"a block of {length} bytes at {Position} of {Length}");
        if (length > _end - _start)
            Fill(length);
        var bytes = _buffer.AsSpan(_start, length);
        _start += length;
        return bytes;
    }

    private void Fill(int length)
    {
        var left = _buffer.AsSpan(_start, _end - _start);
        var target = length <= _buffer.Length ? _buffer : GC.AllocateUninitializedArray<byte>(length);
        left.CopyTo(target);
        _start = 0;
        _end = left.Length;
        _buffer = target;
        var read = _file.Read(_buffer.AsSpan(_end), _filePosition);
        _filePosition += read;
        _end += read;
        if (_end < length)
            throw new InvalidDataException($"it ends at {_filePosition}");
    }

    /// <summary>The end stands at a known place: a file that was cut off is known before its first block is loaded.</summary>
    private void ReadEnd()
    {
        Span<byte> end = stackalloc byte[SnapshotLayout.FrameBytes + SnapshotLayout.EndBytes];
        if (Length < end.Length || _file.Read(end, Length - end.Length) < end.Length
            || BinaryPrimitives.ReadInt32LittleEndian(end) != SnapshotLayout.EndMark)
            throw new InvalidDataException("it has no end");
        EndOffset = BinaryPrimitives.ReadInt64LittleEndian(end[SnapshotLayout.FrameBytes..]);
        Rows = BinaryPrimitives.ReadInt64LittleEndian(end[(SnapshotLayout.FrameBytes + 8)..]);
    }
}

using System.Buffers;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>Walks the record batches of a segment file in order, whole batches at a time.</summary>
internal sealed class BatchScanner(IStorageFile file, long position, long endPosition) : IDisposable
{
    private const int ReadBytes = 256 * 1024;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
    private int _at;
    private int _filled;
    private int _currentSize;

    /// <summary>Where in the file the current batch begins; after the last one, where the walk stopped.</summary>
    public long Position { get; private set; } = position;

    /// <summary>The current batch.</summary>
    public RecordBatchHeader Current
    {
        get
        {
            RecordBatchHeader.TryRead(_buffer.AsSpan(_at, _currentSize), out var header);
            return header;
        }
    }

    /// <summary>Moves to the next batch; false at the end or before bytes that cannot be a whole batch.</summary>
    public bool MoveNext()
    {
        Position += _currentSize;
        _at += _currentSize;
        _currentSize = 0;
        if (!Fill(RecordBatchHeader.Size))
            return false;
        var size = RecordBatchHeader.PeekSize(_buffer.AsSpan(_at));
        if (size < 0 || size > endPosition - Position || size > Array.MaxLength || !Fill((int)size))
            return false;
        _currentSize = (int)size;
        return true;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Makes the buffer hold so many bytes from the current position on.</summary>
    private bool Fill(int bytes)
    {
        if (_filled - _at >= bytes)
            return true;
        if (endPosition - Position < bytes)
            return false;
        var kept = _buffer.AsSpan(_at, _filled - _at);
        if (bytes > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(bytes);
            kept.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        else
        {
            kept.CopyTo(_buffer);
        }

        _filled -= _at;
        _at = 0;
        var want = (int)Math.Min(_buffer.Length - _filled, endPosition - Position - _filled);
        _filled += file.Read(_buffer.AsSpan(_filled, want), Position + _filled);
        return _filled >= bytes;
    }
}

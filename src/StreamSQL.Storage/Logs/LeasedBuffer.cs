using StreamSQL.Kafka;

namespace StreamSQL.Storage.Logs;

/// <summary>A pooled byte array with a count of holders, at first one; the last release gives the array back.</summary>
public sealed class LeasedBuffer
{
    private readonly BufferPool? _pool; // null: the array is a PooledBuffer's
    private int _holders = 1;

    internal LeasedBuffer(BufferPool pool, int minimumBytes)
    {
        _pool = pool;
        Bytes = pool.Rent(minimumBytes);
        ReleaseAction = Release;
    }

    /// <summary>Takes over the array of a buffer, which is empty then.</summary>
    public LeasedBuffer(PooledBuffer buffer)
    {
        Bytes = buffer.Detach();
        ReleaseAction = Release;
    }

    /// <summary>The array; empty once nobody holds it.</summary>
    internal byte[] Bytes { get; private set; }

    /// <summary>Bytes of the array.</summary>
    public int Length => Bytes.Length;

    /// <summary><see cref="Release"/> as a delegate made once.</summary>
    internal Action ReleaseAction { get; }

    /// <summary>Adds a holder. Only while the caller knows that one holds it.</summary>
    internal void Acquire() => Interlocked.Increment(ref _holders);

    /// <summary>A holder lets go of it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return;
        var bytes = Bytes;
        Bytes = [];
        if (_pool is null)
            PooledBuffer.Return(bytes);
        else
            _pool.Return(bytes);
    }
}

namespace StreamSQL.Storage.Logs;

/// <summary>A pooled byte array with a count of holders; the last release gives the array back.</summary>
internal sealed class LeasedBuffer
{
    private readonly BufferPool _pool;
    private int _holders = 1;

    public LeasedBuffer(BufferPool pool, int minimumBytes)
    {
        _pool = pool;
        Bytes = pool.Rent(minimumBytes);
        ReleaseAction = Release;
    }

    public byte[] Bytes { get; private set; }

    /// <summary><see cref="Release"/> as a delegate made once.</summary>
    public Action ReleaseAction { get; }

    /// <summary>Adds a holder. Only while the caller knows that one holds it.</summary>
    public void Acquire() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return;
        var bytes = Bytes;
        Bytes = [];
        _pool.Return(bytes);
    }
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace StreamSQL.Kafka;

/// <summary>
/// A growing byte buffer from the shared pool with an upper bound; only what is larger than 4 MiB is left to the garbage collector, since
/// the pool keeps an array of each size for every thread, and gives none back as soon as memory is short. Unlike
/// <see cref="ArrayBufferWriter{T}"/> it gives its arrays back, and it can copy from what it holds
/// already, as decompressors need. Not thread-safe.
/// </summary>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstCapacity = 1024;
    private const int LargestPooled = 4 * 1024 * 1024;

    private readonly int _limit;
    private byte[] _array = [];
    private int _capacity; // the array may be larger than the limit
    private int _length;

    /// <summary>A buffer that may hold up to <paramref name="limit"/> bytes.</summary>
    public PooledBuffer(int limit = int.MaxValue) => _limit = Math.Min(limit, Array.MaxLength);

    /// <summary>Bytes written.</summary>
    public int Length => _length;

    /// <summary>Bytes that may still be written.</summary>
    public int Room => _limit - _length;

    /// <summary>The bytes written. Valid until the next write.</summary>
    public Span<byte> WrittenSpan => _array.AsSpan(0, _length);

    /// <summary>The bytes written. Valid until the next write.</summary>
    public Memory<byte> WrittenMemory => _array.AsMemory(0, _length);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_capacity - _length), nameof(count));
        _length += count;
    }

    /// <summary>Room for at least <paramref name="sizeHint"/> bytes (for one, when 0).</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when the limit would be passed.</exception>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _array.AsSpan(_length, _capacity - _length);
    }

    /// <inheritdoc cref="GetSpan"/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _array.AsMemory(_length, _capacity - _length);
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when the limit would be passed.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        EnsureRoom(bytes.Length);
        bytes.CopyTo(_array.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Appends <paramref name="count"/> times the same byte.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when the limit would be passed.</exception>
    public void AppendRepeated(byte value, int count)
    {
        EnsureRoom(count);
        _array.AsSpan(_length, count).Fill(value);
        _length += count;
    }

    /// <summary>
    /// Appends <paramref name="count"/> bytes that begin <paramref name="distance"/> bytes before the end. The ranges may overlap: then
    /// what is appended repeats (the copy of the LZ77 family). The distance must be from 1 to <see cref="Length"/>.
    /// </summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when the limit would be passed.</exception>
    public void AppendFromBack(int distance, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(distance - 1), (uint)(_length - 1), nameof(distance));
        EnsureRoom(count);
        Span<byte> target = _array.AsSpan(_length, count);
        ReadOnlySpan<byte> source = _array.AsSpan(_length - distance, Math.Min(distance, count));
        source.CopyTo(target);
        for (int done = source.Length; done < count;)
        {
            int next = Math.Min(done, count - done);
            target[..next].CopyTo(target[done..]);
            done += next;
        }
        _length += count;
    }

    /// <summary>Forgets what was written and keeps the array.</summary>
    public void Clear() => _length = 0;

    /// <summary>
    /// Lets go of the array, which is the caller's from now on: it gives it back with <see cref="Return"/>, once. The buffer is empty then.
    /// </summary>
    public byte[] Detach()
    {
        byte[] array = _array;
        _array = [];
        _capacity = 0;
        _length = 0;
        return array;
    }

    /// <summary>Gives back an array that was taken with <see cref="Detach"/>.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= LargestPooled)
            ArrayPool<byte>.Shared.Return(array);
    }

    /// <summary>Gives the array back to the pool.</summary>
    public void Dispose() => Return(Detach());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EnsureRoom(int count)
    {
        if ((uint)count > (uint)(_capacity - _length))
            Grow(count);
    }

    private void Grow(int count)
    {
        if ((uint)count > (uint)Room)
            ThrowTooLarge();
        int wanted = (int)Math.Min(Math.Max((long)_length + count, Math.Max(2L * _array.Length, FirstCapacity)), _limit);
        byte[] larger = wanted <= LargestPooled ? ArrayPool<byte>.Shared.Rent(wanted) : GC.AllocateUninitializedArray<byte>(wanted);
        _array.AsSpan(0, _length).CopyTo(larger);
        Return(_array);
        _array = larger;
        _capacity = Math.Min(larger.Length, _limit);
    }

    [DoesNotReturn]
    private void ThrowTooLarge() =>
        throw new KafkaException(ErrorCode.CorruptMessage, $"Data would grow beyond the limit of {_limit} bytes.");
}

using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Network;

/// <summary>
/// Cuts what a client sends into frames. Small ones come through one buffer, many at a time; most of a large one is received straight into
/// that frame's own buffer. While nothing has come there is no buffer: thousands of connections may be idle.
/// </summary>
internal sealed class FrameReader(Stream input, RequestMemory memory) : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int DirectBytes = 32 * 1024;

    // What is set aside at once for a frame of which little has come: enough for a client's ordinary largest batch.
    private const int ReservedBytes = (1024 + 64) * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private PooledBuffer? _frame;
    private int _missing;
    private int _length;
    private int _charged; // what was taken of the memory for the frame

    /// <summary>Whether more may be received before frames are taken.</summary>
    public bool HasRoom => _end - _start < BufferBytes;

    /// <summary>Takes the length of the next frame, once its four bytes are there.</summary>
    public bool TryReadLength(out int length)
    {
        length = 0;
        if (_end - _start < sizeof(int))
            return false;
        length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        _start += sizeof(int);
        return true;
    }

    /// <summary>Begins a frame, whose bytes go to <paramref name="frame"/>.</summary>
    public void Begin(PooledBuffer frame, int length)
    {
        _frame = frame;
        _missing = _length = length;
    }

    /// <summary>What the frame that has come whole took of the memory: whoever has it now gives that back.</summary>
    public int TakeCharge()
    {
        int charged = _charged;
        _charged = 0;
        return charged;
    }

    /// <summary>Moves what has come of the frame to its buffer; true when that is all of it.</summary>
    public bool TryFinish()
    {
        int count = Math.Min(_missing, _end - _start);
        _frame!.Append(_buffer.AsSpan(_start, count));
        _start += count;
        _missing -= count;
        return _missing == 0;
    }

    /// <summary>
    /// Receives what there is, and waits when that is nothing. Until it has completed, no other method may be called.
    /// </summary>
    /// <returns>False when nothing more will come.</returns>
    public ValueTask<bool> ReceiveAsync(CancellationToken cancellation) =>
        _missing >= DirectBytes ? ReceiveFrameAsync(cancellation) : ReceiveBufferAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        if (_charged > 0)
            memory.Return(TakeCharge());
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReceiveFrameAsync(CancellationToken cancellation)
    {
        if (_charged == 0)
        {
            await memory.TakeAsync(_length, cancellation);
            _charged = _length;
        }
        bool isEarnest = _length - _missing >= ReservedBytes; // then all of it is set aside, so that nothing is copied as it grows
        Memory<byte> rest = _frame!.GetMemory(isEarnest ? _missing : Math.Min(_missing, ReservedBytes));
        int count = await input.ReadAsync(rest.Length > _missing ? rest[.._missing] : rest, cancellation);
        _frame.Advance(count);
        _missing -= count;
        return count > 0;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReceiveBufferAsync(CancellationToken cancellation)
    {
        if (_start == _end && _missing == 0)
        {
            Release();
            _ = await input.ReadAsync(Memory<byte>.Empty, cancellation); // completes when there is something to read
        }
        if (_buffer.Length == 0)
            _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        MoveToFront();
        int count = await input.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += count;
        return count > 0;
    }

    private void MoveToFront()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
    }

    private void Release()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}

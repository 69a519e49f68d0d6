using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamSQL.Engine.State;

/// <summary>Encoded keys of a batch as slices of one buffer, with their hashes. Reused.</summary>
internal sealed class KeyBatch
{
    private byte[] _own = new byte[1024];
    private int[] _starts = [];
    private int[] _lengths = [];
    private uint[] _hashes = [];
    private int _used;

    /// <summary>The buffer that the keys lie in.</summary>
    public byte[] Buffer { get; private set; } = [];

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>Where each key starts.</summary>
    public Span<int> Starts => _starts.AsSpan(0, Count);

    /// <summary>How long each key is.</summary>
    public Span<int> Lengths => _lengths.AsSpan(0, Count);

    /// <summary>The hash of each key; set by <see cref="HashAll"/>.</summary>
    public ReadOnlySpan<uint> Hashes => _hashes.AsSpan(0, Count);

    /// <summary>A key.</summary>
    public ReadOnlySpan<byte> this[int position] => Buffer.AsSpan(_starts[position], _lengths[position]);

    /// <summary>CRC-32C of a key, eight bytes at a time.</summary>
    public static uint Hash(ReadOnlySpan<byte> key)
    {
        var hash = (uint)key.Length;
        ref var first = ref MemoryMarshal.GetReference(key);
        var i = 0;
        for (; i <= key.Length - 8; i += 8)
            hash = BitOperations.Crc32C(hash, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, i)));
        if (key.Length - i >= 4)
        {
            hash = BitOperations.Crc32C(hash, Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, i)));
            i += 4;
        }

        for (; i < key.Length; i++)
            hash = BitOperations.Crc32C(hash, Unsafe.Add(ref first, i));
        return hash;
    }

    /// <summary>Makes room for keys that lie in a foreign buffer: fill <see cref="Starts"/> and <see cref="Lengths"/>.</summary>
    public void Attach(byte[] buffer, int count)
    {
        Resize(count);
        Buffer = buffer;
    }

    /// <summary>Makes room for keys to be written one after the other to the own buffer.</summary>
    public void Begin(int count)
    {
        Resize(count);
        Buffer = _own;
        _used = 0;
    }

    /// <summary>Room for <paramref name="size"/> more bytes of the key being written.</summary>
    public Span<byte> Reserve(int size)
    {
        if (size > _own.Length - _used)
        {
            Array.Resize(ref _own, Math.Max(checked(_used + size), (int)Math.Min(2L * _own.Length, Array.MaxLength)));
            Buffer = _own;
        }

        var room = _own.AsSpan(_used, size);
        _used += size;
        return room;
    }

    /// <summary>Bytes written so far, all keys together.</summary>
    public int Written => _used;

    /// <summary>Ends the key at a position, which began where <see cref="Written"/> was <paramref name="start"/>.</summary>
    public void End(int position, int start)
    {
        _starts[position] = start;
        _lengths[position] = _used - start;
    }

    /// <summary>Hashes all keys.</summary>
    public void HashAll()
    {
        for (var i = 0; i < Count; i++)
            _hashes[i] = Hash(this[i]);
    }

    private void Resize(int count)
    {
        Count = count;
        if (_starts.Length >= count)
            return;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        _starts = new int[size];
        _lengths = new int[size];
        _hashes = new uint[size];
    }
}

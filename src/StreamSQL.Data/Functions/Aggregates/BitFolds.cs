using System.Numerics;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>BIT_AND, and BOOL_AND of bytes that are 0 or 1.</summary>
internal readonly struct BitAnd<T> : IFold<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public bool CanRetract => false;

    public bool TryAdd(ref T state, T value, bool isFirst)
    {
        state = isFirst ? value : state & value;
        return true;
    }

    public bool TryRetract(ref T state, T value) => false;
}

/// <summary>BIT_OR, and BOOL_OR of bytes that are 0 or 1.</summary>
internal readonly struct BitOr<T> : IFold<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public bool CanRetract => false;

    public bool TryAdd(ref T state, T value, bool isFirst)
    {
        state |= value;
        return true;
    }

    public bool TryRetract(ref T state, T value) => false;
}

/// <summary>BIT_XOR.</summary>
internal readonly struct BitXor<T> : IFold<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public bool CanRetract => false;

    public bool TryAdd(ref T state, T value, bool isFirst)
    {
        state ^= value;
        return true;
    }

    public bool TryRetract(ref T state, T value) => false;
}

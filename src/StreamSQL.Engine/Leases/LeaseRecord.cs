using System.Text;

namespace StreamSQL.Engine.Leases;

/// <summary>One word of an engine about the lease: that it holds it, or that it has given it back.</summary>
/// <param name="Engine">Which engine: an id that its data directory keeps.</param>
/// <param name="IsReleased">Whether it has given the lease back.</param>
/// <param name="Address">Where its SQL clients connect.</param>
public sealed record LeaseRecord(Guid Engine, bool IsReleased, string Address)
{
    private const byte FormatVersion = 1;
    private const int HeaderSize = 2 + IdSize;
    private const int IdSize = 16;

    /// <summary>Format version, whether it is released, the engine's id, the address in UTF-8.</summary>
    internal byte[] Encode()
    {
        var value = new byte[HeaderSize + Encoding.UTF8.GetByteCount(Address)];
        value[0] = FormatVersion;
        value[1] = IsReleased ? (byte)1 : (byte)0;
        Engine.TryWriteBytes(value.AsSpan(2), bigEndian: true, out _);
        Encoding.UTF8.GetBytes(Address, value.AsSpan(HeaderSize));
        return value;
    }

    /// <summary>What <see cref="Encode"/> has written.</summary>
    /// <exception cref="InvalidDataException">It is of a later version, or no such record.</exception>
    internal static LeaseRecord Decode(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeaderSize || value[0] != FormatVersion || value[1] > 1)
            throw new InvalidDataException("a record of the lease topic has an unknown format version");
        return new(new Guid(value.Slice(2, IdSize), bigEndian: true), value[1] == 1, Encoding.UTF8.GetString(value[HeaderSize..]));
    }
}

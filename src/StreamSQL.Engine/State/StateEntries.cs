using System.Buffers;
using System.Buffers.Binary;
using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.State;

/// <summary>
/// How entries of changelogs begin: the key with what it is (0: the clock, 1: a row, 2: a slice's part of a row, 3: a row with NULLs in its
/// key), the value with the format version. Numbers are little-endian in values, big-endian (sortable) in keys.
/// </summary>
internal static class StateEntries
{
    /// <summary>First byte of a clock's key.</summary>
    public const byte ClockKind = 0;

    /// <summary>First byte of a row's key.</summary>
    public const byte RowKind = 1;

    /// <summary>First byte of the key of a group within a slice of windows.</summary>
    public const byte SliceKind = 2;

    /// <summary>
    /// First byte of the key of a row of which some key columns, but not all, are NULL: behind it each column has a null byte.
    /// </summary>
    public const byte NullableRowKind = 3;

    /// <summary>First byte of every value.</summary>
    public const byte FormatVersion = 1;

    /// <summary>Appends the clock's entry.</summary>
    public static void AppendClock(TableClock clock, SliceList keys, SliceList values)
    {
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.ForgetGivenOut))
            clock = clock with { FinalTime = long.MinValue };
#endif
        keys.Append([ClockKind]);
        Span<byte> value = stackalloc byte[17];
        value[0] = FormatVersion;
        BinaryPrimitives.WriteInt64LittleEndian(value[1..], clock.StreamTime);
        BinaryPrimitives.WriteInt64LittleEndian(value[9..], clock.FinalTime);
        values.Append(value);
    }

    /// <summary>Reads a clock's value.</summary>
    /// <exception cref="InvalidDataException">Wrong length or version.</exception>
    public static TableClock ReadClock(ReadOnlySpan<byte> value)
    {
        var rest = CheckVersion(value);
        if (rest.Length != 16)
            throw new InvalidDataException($"a clock entry of {value.Length} bytes");
        return new(BinaryPrimitives.ReadInt64LittleEndian(rest), BinaryPrimitives.ReadInt64LittleEndian(rest[8..]));
    }

    /// <summary>
    /// Appends a row's key: its time-ordered prefix (window bounds, or a slice and its first window), if any, then the encoded key.
    /// </summary>
    public static void AppendRowKey(ReadOnlySpan<long> prefix, KeyIndex index, int slot, SliceList keys, byte kind = RowKind)
    {
        var length = 1 + (8 * prefix.Length) + index.EncodedLength(slot);
        var key = keys.Reserve(length);
        key[0] = kind;
        for (var i = 0; i < prefix.Length; i++)
            BinaryPrimitives.WriteInt64BigEndian(key[(1 + (8 * i))..], prefix[i]);
        index.WriteEncoded(slot, key[(1 + (8 * prefix.Length))..]);
        keys.Commit(length);
    }

    /// <summary>Reads a prefix of a row's key and moves on behind it.</summary>
    /// <exception cref="InvalidDataException">The key is too short.</exception>
    public static long ReadPrefix(ref ReadOnlySpan<byte> key)
    {
        if (key.Length < 8)
            throw new InvalidDataException("a state entry's key ends too early");
        var prefix = BinaryPrimitives.ReadInt64BigEndian(key);
        key = key[8..];
        return prefix;
    }

    /// <summary>What follows the format version.</summary>
    /// <exception cref="InvalidDataException">Another version.</exception>
    public static ReadOnlySpan<byte> CheckVersion(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] != FormatVersion)
            throw new InvalidDataException($"a state entry of format version {(value.IsEmpty ? -1 : value[0])}, known is {FormatVersion}");
        return value[1..];
    }

    /// <summary>Writes the version and a time.</summary>
    public static void BeginValue(IBufferWriter<byte> writer, long time)
    {
        var head = writer.GetSpan(9);
        head[0] = FormatVersion;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], time);
        writer.Advance(9);
    }

    /// <summary>Reads the version and a time, and moves on behind them.</summary>
    /// <exception cref="InvalidDataException">Too short, or another version.</exception>
    public static long ReadTime(ref ReadOnlySpan<byte> value)
    {
        var rest = CheckVersion(value);
        if (rest.Length < 8)
            throw new InvalidDataException("a state entry's value ends too early");
        value = rest[8..];
        return BinaryPrimitives.ReadInt64LittleEndian(rest);
    }

    /// <summary>The kind of an entry and the rest of its key.</summary>
    /// <exception cref="InvalidDataException">The key is empty.</exception>
    public static byte ReadKind(ref ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            throw new InvalidDataException("a state entry without a key");
        var kind = key[0];
        key = key[1..];
        return kind;
    }
}

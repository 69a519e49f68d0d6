using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// Which field a member's name stands for: the field of exactly that name, else the one whose name is the member's in upper case (ksqlDB's
/// rule). Names seen are remembered, up to a bound, with what they stand for.
/// </summary>
internal sealed class JsonFieldNames
{
    /// <summary>Names remembered; records with ever new names must not fill the memory.</summary>
    private const int MaxRemembered = 256;
    private const int Slots = 4 * MaxRemembered;

    private readonly Dictionary<string, int> _fields;
    private readonly short[] _slots = new short[Slots];
    private readonly Name[] _names = new Name[MaxRemembered];
    private int _count;

    /// <summary>Creates the table.</summary>
    public JsonFieldNames(IReadOnlyList<string> names)
    {
        _fields = new Dictionary<string, int>(names.Count, StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
            _fields[names[i]] = i;
    }

    /// <summary>
    /// What the name of the member at a position stands for. <paramref name="expected"/> is the
    /// caller's memory of the member that stood there last (0: none): where it is the same again, as in most records, nothing is searched.
    /// </summary>
    public JsonFieldMatch Find(ReadOnlySpan<byte> utf8, ref short expected)
    {
        if (expected > 0 && utf8.SequenceEqual(_names[expected - 1].Utf8))
            return _names[expected - 1].Match;
        var slot = (int)(Hash(utf8) & (Slots - 1));
        for (; _slots[slot] != 0; slot = (slot + 1) & (Slots - 1))
        {
            if (!utf8.SequenceEqual(_names[_slots[slot] - 1].Utf8))
                continue;
            expected = _slots[slot];
            return _names[expected - 1].Match;
        }

        var match = Resolve(utf8);
        if (_count < MaxRemembered)
        {
            _names[_count] = new Name(utf8.ToArray(), match);
            _slots[slot] = expected = (short)++_count;
        }

        return match;
    }

    /// <summary>What a name stands for, without remembering it.</summary>
    public JsonFieldMatch Resolve(ReadOnlySpan<byte> utf8)
    {
        var name = Encoding.UTF8.GetString(utf8);
        if (_fields.TryGetValue(name, out var field))
            return new JsonFieldMatch((short)field, true);
        return new JsonFieldMatch(_fields.TryGetValue(name.ToUpperInvariant(), out field) ? (short)field : (short)-1, false);
    }

    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = (uint)utf8.Length;
        while (utf8.Length >= 4)
        {
            hash = BitOperations.Crc32C(hash, MemoryMarshal.Read<uint>(utf8));
            utf8 = utf8[4..];
        }

        foreach (var value in utf8)
            hash = BitOperations.Crc32C(hash, value);
        return hash;
    }

    private readonly record struct Name(byte[] Utf8, JsonFieldMatch Match);
}

/// <summary>A field by its index, -1 for none, and whether the name was exactly its own.</summary>
internal readonly record struct JsonFieldMatch(short Field, bool Exact);

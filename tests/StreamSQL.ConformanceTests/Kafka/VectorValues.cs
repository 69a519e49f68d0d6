using System.Text;

namespace StreamSQL.ConformanceTests.Kafka;

/// <summary>
/// The values in the vectors. Each follows from the name of its field and from where it stands, so that whoever decodes a vector can tell
/// for every field what it must find. The unit test that reads the vectors has the same rule in its own words.
/// </summary>
internal static class VectorValues
{
    /// <summary>64 bits from the name of a field, without regard to case, and a place (FNV-1a).</summary>
    public static ulong Hash(string name, string place)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.ASCII.GetBytes(place + name.ToLowerInvariant()))
            hash = (hash ^ b) * 1099511628211;
        return hash;
    }

    /// <summary>A short text.</summary>
    public static string Text(ulong hash) => (hash >> 48).ToString("x4", null);

    /// <summary>Three bytes.</summary>
    public static byte[] Bytes(ulong hash) => [(byte)(hash >> 56), (byte)(hash >> 48), (byte)(hash >> 40)];

    /// <summary>A positive number of so many bits.</summary>
    public static long Number(ulong hash, int bits) => (long)(hash >> (65 - bits));

    /// <summary>16 bytes.</summary>
    public static byte[] Uuid(ulong hash)
    {
        var bytes = new byte[16];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)((hash >> (i % 8 * 8)) + (ulong)i);
        return bytes;
    }
}

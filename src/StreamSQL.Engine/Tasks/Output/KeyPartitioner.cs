using System.Buffers.Binary;

namespace StreamSQL.Engine.Tasks.Output;

/// <summary>Kafka's default partitioner: murmur2 of the key's bytes, so that Kafka's own clients find a key in the same partition.</summary>
internal static class KeyPartitioner
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;
    private const int Rotation = 24;

    /// <summary>The partition of a key.</summary>
    public static int PartitionOf(ReadOnlySpan<byte> key, int partitions) =>
        partitions == 1 ? 0 : (int)((Murmur2(key) & 0x7fffffff) % (uint)partitions);

    /// <summary>MurmurHash2, 32 bits, with Kafka's seed.</summary>
    public static uint Murmur2(ReadOnlySpan<byte> data)
    {
        var hash = Seed ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            word ^= word >> Rotation;
            hash = (hash * Multiplier) ^ (word * Multiplier);
            data = data[4..];
        }

        if (data.Length >= 3)
            hash ^= (uint)data[2] << 16;
        if (data.Length >= 2)
            hash ^= (uint)data[1] << 8;
        if (data.Length >= 1)
            hash = (hash ^ data[0]) * Multiplier;
        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}

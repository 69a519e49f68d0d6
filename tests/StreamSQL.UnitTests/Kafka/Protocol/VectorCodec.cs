using StreamSQL.Kafka;

namespace StreamSQL.UnitTests.Kafka.Protocol;

/// <summary>How the product reads and writes what a vector holds.</summary>
internal sealed record VectorCodec(Func<ReadOnlyMemory<byte>, object> Decode, Action<PooledBuffer, object> Write)
{
    private const int AllocationLimit = 64 * 1024;

    public byte[] Encode(object message)
    {
        using var buffer = new PooledBuffer();
        Write(buffer, message);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>All vectors are written again as they were read, and full ones hold the right values.</summary>
    public void CheckRoundTrip(MessageVector vector)
    {
        foreach (byte[] bytes in vector.All)
            Convert.ToHexString(Encode(Decode(bytes))).ShouldBe(Convert.ToHexString(bytes));
        VectorValueCheck.Check(Decode(vector.Full));
    }

    /// <summary>Whatever is cut off is refused, at no cost beyond what came.</summary>
    public void CheckPrefixes(MessageVector vector, ErrorCode refusal)
    {
        foreach (byte[] bytes in vector.All)
        {
            for (int length = 0; length < bytes.Length; length++)
            {
                var prefix = bytes.AsMemory(0, length);
                if (AllocatedBy(prefix, refusal) >= AllocationLimit) // once more: what is made once is not the prefix's
                    AllocatedBy(prefix, refusal).ShouldBeLessThan(AllocationLimit);
            }
        }
    }

    private long AllocatedBy(ReadOnlyMemory<byte> prefix, ErrorCode refusal)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<KafkaException>(() => Decode(prefix)).Code.ShouldBe(refusal);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Bytes changed at random are read as something else or refused, and nothing else happens.</summary>
    public void CheckMutations(MessageVector vector, ErrorCode refusal)
    {
        var random = new Random(5);
        for (int round = 0; round < 100 && vector.Full.Length > 0; round++)
        {
            byte[] bad = [.. vector.Full];
            for (int i = random.Next(4); i >= 0; i--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                Decode(bad);
            }
            catch (KafkaException e)
            {
                e.Code.ShouldBe(refusal);
            }
        }
    }

    /// <summary>A tagged field that the product does not know is skipped.</summary>
    public void CheckUnknownTag(MessageVector vector)
    {
        byte[] known = vector.Defaults;
        known[^1].ShouldBe((byte)0, "the message ends with its tagged fields, and there are none");
        byte[] unknown = [.. known[..^1], 1, 0x63, 2, 0xFF, 0xFF];

        Convert.ToHexString(Encode(Decode(unknown))).ShouldBe(Convert.ToHexString(known));
    }
}

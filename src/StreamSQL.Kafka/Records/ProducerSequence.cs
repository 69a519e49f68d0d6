namespace StreamSQL.Kafka.Records;

/// <summary>Sequence numbers of an idempotent producer: non-negative 32-bit, wrapping from int.MaxValue to 0 (KIP-98).</summary>
public static class ProducerSequence
{
    /// <summary>The sequence of a batch that has none.</summary>
    public const int None = -1;

    /// <summary>The sequence <paramref name="count"/> places after <paramref name="sequence"/>.</summary>
    public static int Add(int sequence, int count) => (int)(((long)sequence + count) & int.MaxValue);
}

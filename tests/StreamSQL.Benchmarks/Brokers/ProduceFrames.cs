using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>Produce requests that were encoded before, and the check of their answers.</summary>
internal static class ProduceFrames
{
    public const short Version = 9;

    /// <summary>A request with one batch for partition 0.</summary>
    public static byte[] Encode(string topic, ReadOnlyMemory<byte> batch, short acks) =>
        RawClient.Encode(Apis.Produce, Version, new ProduceRequest
        {
            Acks = acks,
            TimeoutMs = 30_000,
            TopicData = [new() { Name = topic, PartitionData = [new() { Records = batch }] }],
        });

    /// <summary>Takes the next answer, which must be a good one.</summary>
    public static void TakeAnswer(RawClient client)
    {
        var answer = RawClient.Decode(Apis.Produce, Version, client.Receive());
        if (answer.Responses[0].PartitionResponses[0].ErrorCode is var error and not ErrorCode.None)
            throw new InvalidOperationException($"A batch was refused: {error}.");
    }
}

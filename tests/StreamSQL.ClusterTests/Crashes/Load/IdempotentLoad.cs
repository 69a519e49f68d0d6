using System.Net;
using StreamSQL.ClusterTests.Crashes.Checking;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ClusterTests.Crashes.Load;

/// <summary>An idempotent producer with acks=all: repeats each request until it is answered, as no application may do it itself.</summary>
internal sealed class IdempotentLoad(int producer, IPEndPoint broker, History history, Random random)
{
    private const int LargePadding = 6000; // 60 of them go straight to the segment
    private readonly int[] _sequences = new int[LoadTopic.Partitions];
    private long _producerId;
    private short _epoch;
    private long _number;

    /// <summary>
    /// Produces until it is told to stop, and then finishes its last request; to its end where it gets an answer that is wrong.
    /// </summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken giveUp)
    {
        await using var connection = new LoadConnection(broker);
        if (await connection.AskAsync(Apis.InitProducerId, new InitProducerIdRequest { TransactionTimeoutMs = 60_000 },
            static r => r.ErrorCode, giveUp) is not { } id)
            return;
        (_producerId, _epoch) = (id.ProducerId, id.ProducerEpoch);
        while (!stop.IsCancellationRequested && await ProduceAsync(connection, giveUp))
        {
        }
    }

    private async Task<bool> ProduceAsync(LoadConnection connection, CancellationToken giveUp)
    {
        int[] partitions = [.. Enumerable.Range(0, LoadTopic.Partitions).Where(_ => random.Next(2) == 0)];
        if (partitions.Length == 0)
            partitions = [random.Next(LoadTopic.Partitions)];
        var sent = new Dictionary<int, List<SentRecord>>();
        var batches = partitions.Select(partition => (LoadTopic.Partition(partition), (ReadOnlyMemory<byte>)Batch(partition, sent)))
            .ToList();
        ProduceRequest request = ProduceRequests.Of(null, TimeSpan.FromSeconds(20), batches);
        ProduceResponse? response = await connection.AskAsync(Apis.Produce, request, FirstRefusal, giveUp);
        bool isTaken = true;
        foreach (ProduceResponse.Partition answer in response?.Responses.SelectMany(static t => t.PartitionResponses) ?? [])
            isTaken &= Note(answer, sent[answer.Index]);
        return isTaken;
    }

    private byte[] Batch(int partition, Dictionary<int, List<SentRecord>> sent)
    {
        bool large = random.Next(60) == 0;
        int count = large ? 60 : random.Next(1, 6);
        byte[] batch = LoadTopic.Batch(producer, partition, _number, count, large ? LargePadding : 0);
        RecordBatchHeader.StampProducer(batch, _producerId, _epoch, _sequences[partition], transactional: false);
        _sequences[partition] += count;
        sent.Add(partition, []);
        for (int i = 0; i < count; i++)
            sent[partition].Add(history.Send(producer, _number++, partition));
        return batch;
    }

    // The whole request is sent again while any of it was refused for now: what was appended is found to be a duplicate.
    private static ErrorCode FirstRefusal(ProduceResponse response) => response.Responses
        .SelectMany(static t => t.PartitionResponses).Select(static p => p.ErrorCode).FirstOrDefault(RetriableErrors.IsRefusal);

    private bool Note(ProduceResponse.Partition answer, List<SentRecord> records)
    {
        if (answer.ErrorCode is not (ErrorCode.None or ErrorCode.DuplicateSequenceNumber))
        {
            history.WrongAnswer(
                $"{answer.ErrorCode} to idempotent producer {producer}, sequence up to {_sequences[answer.Index]} of partition {answer.Index}");
            return false;
        }

        for (int i = 0; i < records.Count; i++)
        {
            records[i].Acknowledged = true;
            if (answer.ErrorCode == ErrorCode.None && answer.BaseOffset >= 0)
                records[i].Offset = answer.BaseOffset + i;
        }

        return true;
    }
}

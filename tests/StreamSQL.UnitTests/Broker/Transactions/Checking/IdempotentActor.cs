using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Transactions.Checking;

/// <summary>An idempotent producer of one partition: repeats what got no answer, and now and then what got one.</summary>
internal sealed class IdempotentActor(string name, int partition, CheckedConnection connection, CheckedHistory history, Random random)
{
    private const int KeptBatches = 5;
    private readonly List<(ProduceRequest Request, long Offset)> _sent = [];

    public async Task RunAsync(CancellationToken stop)
    {
        await using (connection)
        {
            long producerId = -1;
            while (producerId < 0 && !stop.IsCancellationRequested)
            {
                var response = await connection.AskAsync(Apis.InitProducerId, 5, new InitProducerIdRequest { TransactionTimeoutMs = 1000 });
                producerId = response?.ProducerId ?? -1;
            }

            for (var sequence = 0; !stop.IsCancellationRequested;)
            {
                string[] values = [.. Enumerable.Range(sequence, random.Next(1, 4)).Select(i => $"{name}/{i}")];
                var request = new ProduceRequest
                {
                    Acks = -1, TimeoutMs = 1000,
                    TopicData =
                    [
                        new()
                        {
                            Name = CheckedBroker.Topic,
                            PartitionData =
                            [
                                new() { Index = partition,
                                    Records = TestBatches.Produced(producerId, 0, sequence, transactional: false, values) },
                            ],
                        },
                    ],
                };
                if (await RepeatAsync(request, stop) is not { } offset)
                    return;
                history.Acknowledge(partition, values);
                sequence += values.Length;
                _sent.Add((request, offset));
                var (again, original) = _sent[random.Next(Math.Max(0, _sent.Count - KeptBatches), _sent.Count)];
                if (random.Next(4) == 0 && await RepeatAsync(again, stop) is { } second)
                    second.ShouldBe(original);
            }
        }
    }

    private async Task<long?> RepeatAsync(ProduceRequest request, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await connection.AskAsync(Apis.Produce, 9, request) is not { } response)
                continue;
            var answer = response.Responses[0].PartitionResponses[0];
            if (answer.ErrorCode == ErrorCode.RequestTimedOut)
                continue; // time passed while the disk was at it
            answer.ErrorCode.ShouldBe(ErrorCode.None, $"{name} in {partition}");
            return answer.BaseOffset;
        }

        return null;
    }
}

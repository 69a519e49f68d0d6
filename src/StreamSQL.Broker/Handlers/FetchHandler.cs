using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>
/// Reads record batches, and waits for them when there are too few. Fetch sessions (KIP-227) are not kept: every answer says so by
/// session id 0, and clients then send full requests.
/// </summary>
internal sealed class FetchHandler(BrokerServices services) : ApiHandler<FetchRequest, FetchResponse>(Apis.Fetch)
{
    private const int NoSession = 0;

    private readonly BrokerHost _host = services.Host;
    private readonly int _maxBytes = services.Listener.MaxFetchBytes;
    private readonly TimeProvider _time = services.Time;

    public override short MaxVersion => 16;

    protected override async ValueTask<FetchResponse?> HandleAsync(FetchRequest request, RequestContext context)
    {
        if (request.SessionId != NoSession)
            return new FetchResponse { ErrorCode = ErrorCode.FetchSessionIdNotFound };
        FetchResponse response = Read(request, context, out bool isEnough);
        return isEnough || request.MaxWaitMs <= 0 ? response : await WaitAsync(request, context);
    }

    private async ValueTask<FetchResponse> WaitAsync(FetchRequest request, RequestContext context)
    {
        long start = _time.GetTimestamp();
        var maxWait = TimeSpan.FromMilliseconds(request.MaxWaitMs);
        using var waiter = new DataWaiter(_time);
        foreach (FetchRequest.Topic topic in request.Topics)
        {
            foreach (FetchRequest.Partition asked in topic.Partitions)
            {
                if (Find(topic, asked.PartitionIndex) is { } partition)
                    waiter.Watch(partition);
            }
        }
        while (true)
        {
            context.ReleaseLeases();
            FetchResponse response = Read(request, context, out bool isEnough);
            TimeSpan left = maxWait - _time.GetElapsedTime(start);
            if (isEnough || left <= TimeSpan.Zero || !await AdvancesAsync(waiter, left, context.Stopping))
                return response;
        }
    }

    private static async ValueTask<bool> AdvancesAsync(DataWaiter waiter, TimeSpan maxWait, CancellationToken stopping)
    {
        try
        {
            return await waiter.WaitAsync(maxWait, stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// Reads what is there now. It is enough when it has the bytes asked for, or an error that the client should see at once.
    /// </summary>
    private FetchResponse Read(FetchRequest request, RequestContext context, out bool isEnough)
    {
        var response = new FetchResponse();
        int room = Math.Min(request.MaxBytes, _maxBytes);
        long total = 0;
        bool failed = false;
        foreach (FetchRequest.Topic topic in request.Topics)
        {
            var answers = new FetchResponse.Topic { Name = topic.Name, TopicId = topic.TopicId };
            response.Responses.Add(answers);
            foreach (FetchRequest.Partition asked in topic.Partitions)
            {
                FetchResponse.Partition answer = Read(topic, asked, (IsolationLevel)request.IsolationLevel, room - total, total == 0, context);
                answers.Partitions.Add(answer);
                total += answer.Records.Length;
                failed |= answer.ErrorCode != ErrorCode.None;
            }
        }
        isEnough = failed || total >= request.MinBytes || request.Topics.Count == 0;
        return response;
    }

    private FetchResponse.Partition Read(
        FetchRequest.Topic topic, FetchRequest.Partition asked, IsolationLevel isolation, long room, bool isFirst, RequestContext context)
    {
        Partition? partition = Find(topic, asked.PartitionIndex);
        if (partition is null)
            return Failed(asked, topic.TopicId == Guid.Empty ? ErrorCode.UnknownTopicOrPartition : ErrorCode.UnknownTopicId);
        ErrorCode error = LeaderEpochCheck.Check(partition, asked.CurrentLeaderEpoch);
        if (error != ErrorCode.None)
            return Failed(asked, error);
        int maxBytes = (int)Math.Clamp(asked.PartitionMaxBytes, 0, Math.Max(room, 0));
        PartitionRead read = partition.Read(asked.FetchOffset, maxBytes, isolation);
        if (read.Error != ErrorCode.None)
            return Failed(asked, read.Error);
        var answer = new FetchResponse.Partition
        {
            PartitionIndex = asked.PartitionIndex,
            HighWatermark = read.Offsets.HighWatermark,
            LastStableOffset = read.Offsets.LastStable,
            LogStartOffset = read.Offsets.LogStart,
        };
        // A batch larger than the limit is served only when there is nothing else in the answer (KIP-74).
        if (!isFirst && read.Records.Batches.Length > maxBytes)
        {
            read.Records.Dispose();
            return answer;
        }
        context.HoldUntilWritten(read.Records.Release);
        answer.Records = read.Records.Batches;
        if (isolation == IsolationLevel.ReadCommitted)
            answer.AbortedTransactions = [.. read.Aborted.Select(a => new FetchResponse.AbortedTransaction { ProducerId = a.ProducerId, FirstOffset = a.FirstOffset })];
        return answer;
    }

    private Partition? Find(FetchRequest.Topic topic, int index)
    {
        if (topic.TopicId == Guid.Empty)
            return _host.Topics.Find(new TopicPartition(topic.Name, index));
        return _host.Topics.TryGet(topic.TopicId, out Topic? byId) && (uint)index < (uint)byId.Partitions.Count ? byId.Partitions[index] : null;
    }

    private static FetchResponse.Partition Failed(FetchRequest.Partition asked, ErrorCode error) =>
        new() { PartitionIndex = asked.PartitionIndex, ErrorCode = error, HighWatermark = -1 };
}

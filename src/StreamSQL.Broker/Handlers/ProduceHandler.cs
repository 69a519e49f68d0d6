using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Handlers;

/// <summary>Appends record batches.</summary>
/// <remarks>
/// Versions 0 to 2 are advertised but not served: librdkafka up to 2.11.0 sends uncompressed batches to brokers that do not advertise
/// version 0 (KAFKA-18659).
/// </remarks>
internal sealed class ProduceHandler(BrokerServices services) : ApiHandler<ProduceRequest, ProduceResponse>(Apis.Produce)
{
    private const short FirstThatKnowsAbortable = 11; // KIP-890
    private const short FirstAddingPartitions = 12; // the batch joins its partition to the transaction (KIP-890)

    private const short FirstWithTopicIds = 13;
    private readonly BrokerHost _host = services.Host;
    private readonly ClientTopics _topics = services.Topics;

    public override short AdvertisedMinVersion => 0;

    public override short MaxVersion => 13;

    public override bool MayOverlap => true;

    protected override ValueTask<ProduceResponse?> HandleAsync(ProduceRequest request, RequestContext context)
    {
        // A transactional append first waits for the transaction coordinator, a plain one takes effect at once.
        context.RunsAlone = request.TransactionalId is not null;
        ErrorCode refusal = ProducedRecords.CheckProducers(request);
        var response = new ProduceResponse();
        List<(ProduceResponse.Partition Partition, ValueTask<AppendResult> Append)>? waiting = null;
        foreach (ProduceRequest.Topic named in request.TopicData)
        {
            var answers = new ProduceResponse.Topic { Name = named.Name, TopicId = named.TopicId };
            response.Responses.Add(answers);
            Topic? topic = Find(named, context.Header.Version, out ErrorCode missing);
            foreach (ProduceRequest.Partition data in named.PartitionData)
            {
                var answer = new ProduceResponse.Partition { Index = data.Index };
                answers.PartitionResponses.Add(answer);
                ErrorCode error = refusal == ErrorCode.None ? missing : refusal;
                ValueTask<AppendResult> append = error == ErrorCode.None
                    ? AppendAsync(request, topic!, data, context)
                    : new(AppendResult.Refused(error));
                if (append.IsCompletedSuccessfully)
                    Fill(answer, append.Result);
                else
                    (waiting ??= []).Add((answer, append));
                if (answer.ErrorCode is ErrorCode.InvalidRecord or ErrorCode.InvalidTimestamp && topic is not null)
                    RecordErrors.Explain(answer, data.Records, topic.Partitions[data.Index]);
            }
        }
        return waiting is null ? new(Answer(request, response, context)) : AnswerWhenAppendedAsync(request, response, context, waiting);
    }

    private async ValueTask<ProduceResponse?> AnswerWhenAppendedAsync(
        ProduceRequest request, ProduceResponse response, RequestContext context,
        List<(ProduceResponse.Partition Partition, ValueTask<AppendResult> Append)> waiting)
    {
        foreach ((ProduceResponse.Partition partition, ValueTask<AppendResult> append) in waiting)
            Fill(partition, await append);
        return Answer(request, response, context);
    }

    private Topic? Find(ProduceRequest.Topic named, short version, out ErrorCode error)
    {
        bool isFound = version >= FirstWithTopicIds
            ? _topics.TryGet(named.TopicId, out Topic? topic)
            : _topics.TryGet(named.Name, out topic);
        ErrorCode unknown = version >= FirstWithTopicIds ? ErrorCode.UnknownTopicId : _topics.WhyMissing(named.Name);
        error = isFound ? ErrorCode.None : unknown;
        return topic;
    }

    private ValueTask<AppendResult> AppendAsync(ProduceRequest request, Topic topic, ProduceRequest.Partition data, RequestContext context)
    {
        short version = context.Header.Version;
        if ((uint)data.Index >= (uint)topic.Partitions.Count)
            return new(AppendResult.Refused(ErrorCode.UnknownTopicOrPartition));
        Partition partition = topic.Partitions[data.Index];
        ErrorCode error = ProducedRecords.Check(data.Records.Span, version, out int size);
        if (error == ErrorCode.None)
            error = CheckWritable(topic, request.Acks);
        if (error != ErrorCode.None)
            return new(AppendResult.Refused(error));
        ReadOnlyMemory<byte> batch = data.Records[..size];
        var acks = (RequiredAcks)request.Acks;
        LeasedBuffer? owner = size >= PartitionLog.SharedFromBytes ? context.ShareFrame() : null;
        return request.TransactionalId is { } id
            ? _host.Transactions.AppendAsync(id, partition, batch, acks, SupportOf(version), request.TimeoutMs, owner)
            : partition.AppendAsync(batch, acks, request.TimeoutMs, owner);
    }

    // min.insync.replicas is not asked: since Kafka 3.7 (KIP-966) it counts no more replicas than a partition has, which is one here.
    private ErrorCode CheckWritable(Topic topic, short acks)
    {
        if (acks is not ((short)RequiredAcks.All or (short)RequiredAcks.None or (short)RequiredAcks.Leader))
            return ErrorCode.InvalidRequiredAcks;
        return _topics.CheckWritable(topic);
    }

    private static TransactionSupport SupportOf(short version) => version switch
    {
        >= FirstAddingPartitions => TransactionSupport.AddsPartitions,
        >= FirstThatKnowsAbortable => TransactionSupport.KnowsAbortable,
        _ => TransactionSupport.Original,
    };

    private static void Fill(ProduceResponse.Partition answer, AppendResult result)
    {
        answer.ErrorCode = result.Error;
        answer.BaseOffset = result.BaseOffset;
        answer.LogAppendTimeMs = result.AppendTimeMs;
        answer.LogStartOffset = result.LogStartOffset;
    }

    // Who wants no answer is told of an error by a closed connection, as Kafka does.
    private ProduceResponse? Answer(ProduceRequest request, ProduceResponse response, RequestContext context)
    {
        response.ThrottleTimeMs = _host.Store.Commits.ThrottleMs;
        if (request.Acks != (short)RequiredAcks.None)
            return response;
        foreach (ProduceResponse.Topic topic in response.Responses)
        {
            foreach (ProduceResponse.Partition partition in topic.PartitionResponses)
                context.ClosesConnection |= partition.ErrorCode != ErrorCode.None;
        }
        return null;
    }
}

using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

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

    private readonly BrokerHost _host = services.Host;

    public override short AdvertisedMinVersion => 0;

    public override short MaxVersion => 12;

    public override bool MayOverlap => true;

    protected override ValueTask<ProduceResponse?> HandleAsync(ProduceRequest request, RequestContext context)
    {
        // A transactional append first waits for the transaction coordinator, a plain one takes effect at once.
        context.RunsAlone = request.TransactionalId is not null;
        TransactionSupport support = SupportOf(context.Header.Version);
        var response = new ProduceResponse();
        List<(ProduceResponse.Partition Partition, ValueTask<AppendResult> Append)>? waiting = null;
        foreach (ProduceRequest.Topic topic in request.TopicData)
        {
            var answers = new ProduceResponse.Topic { Name = topic.Name };
            response.Responses.Add(answers);
            foreach (ProduceRequest.Partition data in topic.PartitionData)
            {
                var answer = new ProduceResponse.Partition { Index = data.Index };
                answers.PartitionResponses.Add(answer);
                ValueTask<AppendResult> append = AppendAsync(request, topic.Name, data, support);
                if (append.IsCompletedSuccessfully)
                    Fill(answer, append.Result);
                else
                    (waiting ??= []).Add((answer, append));
            }
        }
        return waiting is null ? new(Answer(request, response, context)) : AnswerWhenAppendedAsync(request, response, context, waiting);
    }

    private static async ValueTask<ProduceResponse?> AnswerWhenAppendedAsync(
        ProduceRequest request, ProduceResponse response, RequestContext context,
        List<(ProduceResponse.Partition Partition, ValueTask<AppendResult> Append)> waiting)
    {
        foreach ((ProduceResponse.Partition partition, ValueTask<AppendResult> append) in waiting)
            Fill(partition, await append);
        return Answer(request, response, context);
    }

    private ValueTask<AppendResult> AppendAsync(ProduceRequest request, string topic, ProduceRequest.Partition data, TransactionSupport support)
    {
        if (request.Acks is not ((short)RequiredAcks.All or (short)RequiredAcks.None or (short)RequiredAcks.Leader))
            return new(AppendResult.Refused(ErrorCode.InvalidRequiredAcks));
        if (TopicName.IsInternal(topic))
            return new(AppendResult.Refused(ErrorCode.InvalidTopic));
        Partition? partition = _host.Topics.Find(new TopicPartition(topic, data.Index));
        if (partition is null)
            return new(AppendResult.Refused(ErrorCode.UnknownTopicOrPartition));
        var acks = (RequiredAcks)request.Acks;
        return request.TransactionalId is { } id
            ? _host.Transactions.AppendAsync(id, partition, data.Records, acks, support)
            : partition.AppendAsync(data.Records, acks);
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
    private static ProduceResponse? Answer(ProduceRequest request, ProduceResponse response, RequestContext context)
    {
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

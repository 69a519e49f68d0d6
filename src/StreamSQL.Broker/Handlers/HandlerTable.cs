using System.Diagnostics.CodeAnalysis;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>The handlers by API key. What ApiVersions advertises is read from here.</summary>
internal sealed class HandlerTable
{
    private readonly Dictionary<ApiKey, ApiHandler> _handlers = [];

    public HandlerTable(BrokerServices services)
    {
        ApiHandler[] handlers =
        [
            new ApiVersionsHandler(this, services),
            new SaslHandshakeHandler(),
            new SaslAuthenticateHandler(services),
            new MetadataHandler(services),
            new ProduceHandler(services),
            new FetchHandler(services),
            new ListOffsetsHandler(services),
            new OffsetForLeaderEpochHandler(services),
            new DeleteRecordsHandler(services),
            new CreateTopicsHandler(services),
            new DeleteTopicsHandler(services),
            new CreatePartitionsHandler(services),
            new DescribeConfigsHandler(services),
            new AlterConfigsHandler(services),
            new IncrementalAlterConfigsHandler(services),
            new ListConfigResourcesHandler(services),
            new DescribeAclsHandler(),
            new CreateAclsHandler(),
            new DeleteAclsHandler(),
            new DescribeUserScramCredentialsHandler(services),
            new AlterUserScramCredentialsHandler(services),
            new DescribeClusterHandler(services),
            new DescribeTopicPartitionsHandler(services),
            new DescribeLogDirsHandler(services),
            new AlterReplicaLogDirsHandler(services),
            new ElectLeadersHandler(services),
            new AlterPartitionReassignmentsHandler(services),
            new ListPartitionReassignmentsHandler(),
            new FindCoordinatorHandler(services),
            new JoinGroupHandler(services),
            new SyncGroupHandler(services),
            new HeartbeatHandler(services),
            new LeaveGroupHandler(services),
            new OffsetCommitHandler(services),
            new OffsetFetchHandler(services),
            new DescribeGroupsHandler(services),
            new ListGroupsHandler(services),
            new DeleteGroupsHandler(services),
            new OffsetDeleteHandler(services),
            new ConsumerGroupHeartbeatHandler(services),
            new ConsumerGroupDescribeHandler(services),
            new InitProducerIdHandler(services),
            new AddPartitionsToTxnHandler(services),
            new AddOffsetsToTxnHandler(services),
            new EndTxnHandler(services),
            new TxnOffsetCommitHandler(services),
            new WriteTxnMarkersHandler(services),
            new DescribeProducersHandler(services),
            new DescribeTransactionsHandler(services),
            new ListTransactionsHandler(services),
        ];
        foreach (ApiHandler handler in handlers)
            _handlers.Add(handler.Api.Key, handler);
        BareSaslMessages = new SaslMessageHandler(services);
    }

    /// <summary>Serves the messages of a login that come bare, which no API key names.</summary>
    public ApiHandler BareSaslMessages { get; }

    /// <summary>All handlers.</summary>
    public IReadOnlyCollection<ApiHandler> All => _handlers.Values;

    /// <summary>
    /// Finds who serves a request. ApiVersions serves every version: a client that is too new for us learns from the answer what to ask
    /// (KIP-511).
    /// </summary>
    public bool TryFind(RequestHeader header, [NotNullWhen(true)] out ApiHandler? handler) =>
        _handlers.TryGetValue(header.Key, out handler)
        && (header.Key == ApiKey.ApiVersions || (header.Version >= handler.Api.MinVersion && header.Version <= handler.MaxVersion));
}

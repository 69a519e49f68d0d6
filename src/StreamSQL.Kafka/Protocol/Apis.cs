using StreamSQL.Kafka.Messages;

namespace StreamSQL.Kafka.Protocol;

/// <summary>All APIs that are implemented: key, lowest version, highest version, first flexible version, messages.</summary>
public static class Apis
{
    private const short NeverFlexible = short.MaxValue;

    /// <inheritdoc cref="ApiKey.ApiVersions"/>
    public static readonly Api<ApiVersionsRequest, ApiVersionsResponse> ApiVersions =
        new(ApiKey.ApiVersions, 0, 4, 3);

    /// <inheritdoc cref="ApiKey.SaslHandshake"/>
    public static readonly Api<SaslHandshakeRequest, SaslHandshakeResponse> SaslHandshake =
        new(ApiKey.SaslHandshake, 0, 1, NeverFlexible);

    /// <inheritdoc cref="ApiKey.SaslAuthenticate"/>
    public static readonly Api<SaslAuthenticateRequest, SaslAuthenticateResponse> SaslAuthenticate =
        new(ApiKey.SaslAuthenticate, 0, 2, 2);

    /// <inheritdoc cref="ApiKey.Metadata"/>
    public static readonly Api<MetadataRequest, MetadataResponse> Metadata =
        new(ApiKey.Metadata, 0, 13, 9);

    /// <inheritdoc cref="ApiKey.Produce"/>
    public static readonly Api<ProduceRequest, ProduceResponse> Produce =
        new(ApiKey.Produce, 3, 13, 9);

    /// <inheritdoc cref="ApiKey.Fetch"/>
    public static readonly Api<FetchRequest, FetchResponse> Fetch =
        new(ApiKey.Fetch, 4, 18, 12);

    /// <inheritdoc cref="ApiKey.ListOffsets"/>
    public static readonly Api<ListOffsetsRequest, ListOffsetsResponse> ListOffsets =
        new(ApiKey.ListOffsets, 1, 11, 6);

    /// <inheritdoc cref="ApiKey.FindCoordinator"/>
    public static readonly Api<FindCoordinatorRequest, FindCoordinatorResponse> FindCoordinator =
        new(ApiKey.FindCoordinator, 0, 6, 3);

    /// <inheritdoc cref="ApiKey.JoinGroup"/>
    public static readonly Api<JoinGroupRequest, JoinGroupResponse> JoinGroup =
        new(ApiKey.JoinGroup, 0, 9, 6);

    /// <inheritdoc cref="ApiKey.SyncGroup"/>
    public static readonly Api<SyncGroupRequest, SyncGroupResponse> SyncGroup =
        new(ApiKey.SyncGroup, 0, 5, 4);

    /// <inheritdoc cref="ApiKey.Heartbeat"/>
    public static readonly Api<HeartbeatRequest, HeartbeatResponse> Heartbeat =
        new(ApiKey.Heartbeat, 0, 4, 4);

    /// <inheritdoc cref="ApiKey.LeaveGroup"/>
    public static readonly Api<LeaveGroupRequest, LeaveGroupResponse> LeaveGroup =
        new(ApiKey.LeaveGroup, 0, 5, 4);

    /// <inheritdoc cref="ApiKey.OffsetCommit"/>
    public static readonly Api<OffsetCommitRequest, OffsetCommitResponse> OffsetCommit =
        new(ApiKey.OffsetCommit, 2, 10, 8);

    /// <inheritdoc cref="ApiKey.OffsetFetch"/>
    public static readonly Api<OffsetFetchRequest, OffsetFetchResponse> OffsetFetch =
        new(ApiKey.OffsetFetch, 1, 10, 6);

    /// <inheritdoc cref="ApiKey.DescribeGroups"/>
    public static readonly Api<DescribeGroupsRequest, DescribeGroupsResponse> DescribeGroups =
        new(ApiKey.DescribeGroups, 0, 6, 5);

    /// <inheritdoc cref="ApiKey.ListGroups"/>
    public static readonly Api<ListGroupsRequest, ListGroupsResponse> ListGroups =
        new(ApiKey.ListGroups, 0, 5, 3);

    /// <inheritdoc cref="ApiKey.DeleteGroups"/>
    public static readonly Api<DeleteGroupsRequest, DeleteGroupsResponse> DeleteGroups =
        new(ApiKey.DeleteGroups, 0, 2, 2);

    /// <inheritdoc cref="ApiKey.CreateTopics"/>
    public static readonly Api<CreateTopicsRequest, CreateTopicsResponse> CreateTopics =
        new(ApiKey.CreateTopics, 2, 7, 5);

    /// <inheritdoc cref="ApiKey.DeleteTopics"/>
    public static readonly Api<DeleteTopicsRequest, DeleteTopicsResponse> DeleteTopics =
        new(ApiKey.DeleteTopics, 1, 6, 4);

    /// <inheritdoc cref="ApiKey.CreatePartitions"/>
    public static readonly Api<CreatePartitionsRequest, CreatePartitionsResponse> CreatePartitions =
        new(ApiKey.CreatePartitions, 0, 3, 2);

    /// <inheritdoc cref="ApiKey.DescribeAcls"/>
    public static readonly Api<DescribeAclsRequest, DescribeAclsResponse> DescribeAcls =
        new(ApiKey.DescribeAcls, 1, 3, 2);

    /// <inheritdoc cref="ApiKey.CreateAcls"/>
    public static readonly Api<CreateAclsRequest, CreateAclsResponse> CreateAcls =
        new(ApiKey.CreateAcls, 1, 3, 2);

    /// <inheritdoc cref="ApiKey.DescribeUserScramCredentials"/>
    public static readonly Api<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> DescribeUserScramCredentials =
        new(ApiKey.DescribeUserScramCredentials, 0, 0, 0);

    /// <inheritdoc cref="ApiKey.AlterUserScramCredentials"/>
    public static readonly Api<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> AlterUserScramCredentials =
        new(ApiKey.AlterUserScramCredentials, 0, 0, 0);

    /// <inheritdoc cref="ApiKey.DeleteAcls"/>
    public static readonly Api<DeleteAclsRequest, DeleteAclsResponse> DeleteAcls =
        new(ApiKey.DeleteAcls, 1, 3, 2);

    /// <inheritdoc cref="ApiKey.DescribeConfigs"/>
    public static readonly Api<DescribeConfigsRequest, DescribeConfigsResponse> DescribeConfigs =
        new(ApiKey.DescribeConfigs, 1, 4, 4);

    /// <inheritdoc cref="ApiKey.InitProducerId"/>
    public static readonly Api<InitProducerIdRequest, InitProducerIdResponse> InitProducerId =
        new(ApiKey.InitProducerId, 0, 5, 2);

    /// <inheritdoc cref="ApiKey.AddPartitionsToTxn"/>
    public static readonly Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> AddPartitionsToTxn =
        new(ApiKey.AddPartitionsToTxn, 0, 5, 3);

    /// <inheritdoc cref="ApiKey.AddOffsetsToTxn"/>
    public static readonly Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> AddOffsetsToTxn =
        new(ApiKey.AddOffsetsToTxn, 0, 4, 3);

    /// <inheritdoc cref="ApiKey.EndTxn"/>
    public static readonly Api<EndTxnRequest, EndTxnResponse> EndTxn =
        new(ApiKey.EndTxn, 0, 5, 3);

    /// <inheritdoc cref="ApiKey.TxnOffsetCommit"/>
    public static readonly Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse> TxnOffsetCommit =
        new(ApiKey.TxnOffsetCommit, 0, 5, 3);

    /// <inheritdoc cref="ApiKey.DeleteRecords"/>
    public static readonly Api<DeleteRecordsRequest, DeleteRecordsResponse> DeleteRecords =
        new(ApiKey.DeleteRecords, 0, 2, 2);

    /// <inheritdoc cref="ApiKey.OffsetForLeaderEpoch"/>
    public static readonly Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> OffsetForLeaderEpoch =
        new(ApiKey.OffsetForLeaderEpoch, 2, 4, 4);

    /// <inheritdoc cref="ApiKey.DescribeCluster"/>
    public static readonly Api<DescribeClusterRequest, DescribeClusterResponse> DescribeCluster =
        new(ApiKey.DescribeCluster, 0, 2, 0);

    /// <inheritdoc cref="ApiKey.WriteTxnMarkers"/>
    public static readonly Api<WriteTxnMarkersRequest, WriteTxnMarkersResponse> WriteTxnMarkers =
        new(ApiKey.WriteTxnMarkers, 1, 2, 1);

    /// <inheritdoc cref="ApiKey.AlterConfigs"/>
    public static readonly Api<AlterConfigsRequest, AlterConfigsResponse> AlterConfigs =
        new(ApiKey.AlterConfigs, 0, 2, 2);

    /// <inheritdoc cref="ApiKey.AlterReplicaLogDirs"/>
    public static readonly Api<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse> AlterReplicaLogDirs =
        new(ApiKey.AlterReplicaLogDirs, 1, 2, 2);

    /// <inheritdoc cref="ApiKey.DescribeLogDirs"/>
    public static readonly Api<DescribeLogDirsRequest, DescribeLogDirsResponse> DescribeLogDirs =
        new(ApiKey.DescribeLogDirs, 1, 5, 2);

    /// <inheritdoc cref="ApiKey.ElectLeaders"/>
    public static readonly Api<ElectLeadersRequest, ElectLeadersResponse> ElectLeaders =
        new(ApiKey.ElectLeaders, 0, 2, 2);

    /// <inheritdoc cref="ApiKey.IncrementalAlterConfigs"/>
    public static readonly Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> IncrementalAlterConfigs =
        new(ApiKey.IncrementalAlterConfigs, 0, 1, 1);

    /// <inheritdoc cref="ApiKey.AlterPartitionReassignments"/>
    public static readonly Api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> AlterPartitionReassignments =
        new(ApiKey.AlterPartitionReassignments, 0, 1, 0);

    /// <inheritdoc cref="ApiKey.ListPartitionReassignments"/>
    public static readonly Api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> ListPartitionReassignments =
        new(ApiKey.ListPartitionReassignments, 0, 0, 0);

    /// <inheritdoc cref="ApiKey.OffsetDelete"/>
    public static readonly Api<OffsetDeleteRequest, OffsetDeleteResponse> OffsetDelete =
        new(ApiKey.OffsetDelete, 0, 0, NeverFlexible);

    /// <inheritdoc cref="ApiKey.DescribeClientQuotas"/>
    public static readonly Api<DescribeClientQuotasRequest, DescribeClientQuotasResponse> DescribeClientQuotas =
        new(ApiKey.DescribeClientQuotas, 0, 1, 1);

    /// <inheritdoc cref="ApiKey.DescribeQuorum"/>
    public static readonly Api<DescribeQuorumRequest, DescribeQuorumResponse> DescribeQuorum =
        new(ApiKey.DescribeQuorum, 0, 2, 0);

    /// <inheritdoc cref="ApiKey.UpdateFeatures"/>
    public static readonly Api<UpdateFeaturesRequest, UpdateFeaturesResponse> UpdateFeatures =
        new(ApiKey.UpdateFeatures, 0, 2, 0);

    /// <inheritdoc cref="ApiKey.DescribeProducers"/>
    public static readonly Api<DescribeProducersRequest, DescribeProducersResponse> DescribeProducers =
        new(ApiKey.DescribeProducers, 0, 0, 0);

    /// <inheritdoc cref="ApiKey.DescribeTransactions"/>
    public static readonly Api<DescribeTransactionsRequest, DescribeTransactionsResponse> DescribeTransactions =
        new(ApiKey.DescribeTransactions, 0, 0, 0);

    /// <inheritdoc cref="ApiKey.ListTransactions"/>
    public static readonly Api<ListTransactionsRequest, ListTransactionsResponse> ListTransactions =
        new(ApiKey.ListTransactions, 0, 2, 0);

    /// <inheritdoc cref="ApiKey.ConsumerGroupHeartbeat"/>
    public static readonly Api<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> ConsumerGroupHeartbeat =
        new(ApiKey.ConsumerGroupHeartbeat, 0, 1, 0);

    /// <inheritdoc cref="ApiKey.ConsumerGroupDescribe"/>
    public static readonly Api<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> ConsumerGroupDescribe =
        new(ApiKey.ConsumerGroupDescribe, 0, 1, 0);

    /// <inheritdoc cref="ApiKey.ListConfigResources"/>
    public static readonly Api<ListConfigResourcesRequest, ListConfigResourcesResponse> ListConfigResources =
        new(ApiKey.ListConfigResources, 0, 1, 0);

    /// <inheritdoc cref="ApiKey.DescribeTopicPartitions"/>
    public static readonly Api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> DescribeTopicPartitions =
        new(ApiKey.DescribeTopicPartitions, 0, 0, 0);

    /// <summary>Every API above.</summary>
    public static readonly IReadOnlyList<Api> All =
    [
        ApiVersions, SaslHandshake, SaslAuthenticate, Metadata, Produce, Fetch, ListOffsets, FindCoordinator, JoinGroup, SyncGroup,
        Heartbeat, LeaveGroup,
        OffsetCommit, OffsetFetch, DescribeGroups, ListGroups, DeleteGroups, CreateTopics, DeleteTopics, CreatePartitions,
        DescribeConfigs, InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, TxnOffsetCommit, DeleteRecords,
        OffsetForLeaderEpoch, DescribeCluster, WriteTxnMarkers, AlterConfigs, AlterReplicaLogDirs, DescribeLogDirs, ElectLeaders,
        IncrementalAlterConfigs, AlterPartitionReassignments, ListPartitionReassignments, OffsetDelete, DescribeClientQuotas,
        DescribeQuorum, UpdateFeatures, DescribeProducers, DescribeTransactions, ListTransactions, ConsumerGroupHeartbeat,
        ConsumerGroupDescribe, ListConfigResources, DescribeTopicPartitions,
        DescribeAcls, CreateAcls, DeleteAcls, DescribeUserScramCredentials, AlterUserScramCredentials,
    ];
}

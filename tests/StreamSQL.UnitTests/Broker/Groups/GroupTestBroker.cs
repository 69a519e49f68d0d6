using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Network;

namespace StreamSQL.UnitTests.Broker.Groups;

/// <summary>A broker over a disk in memory and a clock that is moved by hand, with the requests that consumers send.</summary>
internal sealed class GroupTestBroker : IAsyncDisposable
{
    public const int SessionMs = 10_000;
    private readonly KafkaConnectionHandler _handler;

    private GroupTestBroker(BrokerHost host, ManualTime time, MemoryFileSystem disk)
    {
        Host = host;
        Time = time;
        Disk = disk;
        var listener = new KafkaListenerOptions { IdleTimeout = TimeSpan.FromDays(9), FirstRequestTimeout = TimeSpan.FromDays(9) };
        _handler = new KafkaConnectionHandler(new BrokerServices(host, listener, time), new KafkaListener("PLAINTEXT", "broker", 9092),
            NullLogger<KafkaConnectionHandler>.Instance);
        Client = Connect();
    }

    public BrokerHost Host { get; }

    public ManualTime Time { get; }

    public MemoryFileSystem Disk { get; }

    public InMemoryKafkaClient Client { get; }

    public static async Task<GroupTestBroker> OpenAsync(GroupOptions? groups = null, MemoryFileSystem? disk = null, ManualTime? time = null)
    {
        disk ??= new MemoryFileSystem();
        time ??= new ManualTime();
        var options = new BrokerOptions
        {
            Topics = new() { InternalPartitions = 2 },
            Groups = groups ?? new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero },
        };
        return new GroupTestBroker(await BrokerHost.OpenAsync("/data", options, disk, time), time, disk);
    }

    /// <summary>What a broker finds that starts on what the disk holds now.</summary>
    public Task<GroupTestBroker> AfterPowerCutAsync() => OpenAsync(disk: Disk.PowerCut(), time: Time);

    public InMemoryKafkaClient Connect() => new(_handler);

    public Task<JoinGroupResponse> JoinAsync(
        string memberId = "", string? instance = null, string group = "g", string topic = "t", short version = 9,
        InMemoryKafkaClient? client = null) =>
        (client ?? Client).AskAsync(Apis.JoinGroup, version, Join(memberId, instance, group, topic));

    /// <summary>Joins as a client does that is asked to come back with its id.</summary>
    public async Task<JoinGroupResponse> JoinDynamicAsync(string group = "g", string topic = "t")
    {
        JoinGroupResponse first = await JoinAsync(group: group, topic: topic);
        first.ErrorCode.ShouldBe(ErrorCode.MemberIdRequired);
        return await JoinAsync(first.MemberId, group: group, topic: topic);
    }

    public Task<SyncGroupResponse> SyncAsync(JoinGroupResponse joined, string group = "g", string? instance = null,
        string assignment = "all") =>
        Client.AskAsync(Apis.SyncGroup, 5, new SyncGroupRequest
        {
            GroupId = group,
            GenerationId = joined.GenerationId,
            MemberId = joined.MemberId,
            GroupInstanceId = instance,
            ProtocolType = "consumer",
            ProtocolName = joined.ProtocolName,
            Assignments = [.. joined.Members.Select(m => new SyncGroupRequest.MemberAssignment
            {
                MemberId = m.MemberId,
                Assignment = Encoding.UTF8.GetBytes(assignment),
            })],
        });

    public async Task<ErrorCode> HeartbeatAsync(JoinGroupResponse joined, string group = "g", string? instance = null) =>
        (await Client.AskAsync(Apis.Heartbeat, 4, new HeartbeatRequest
        {
            GroupId = group,
            GenerationId = joined.GenerationId,
            MemberId = joined.MemberId,
            GroupInstanceId = instance,
        })).ErrorCode;

    public async Task<ErrorCode> CommitAsync(
        long offset, string memberId = "", int generation = -1, string group = "g", string topic = "t", string metadata = "",
        short version = 9) =>
        (await Client.AskAsync(Apis.OffsetCommit, version, new OffsetCommitRequest
        {
            GroupId = group,
            MemberId = memberId,
            GenerationIdOrMemberEpoch = generation,
            Topics = [new() { Name = topic,
                Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset, CommittedMetadata = metadata }] }],
        })).Topics[0].Partitions[0].ErrorCode;

    public async Task<long> CommittedAsync(string group = "g", string topic = "t") =>
        (await Client.AskAsync(Apis.OffsetFetch, 8, new OffsetFetchRequest
        {
            Groups = [new() { GroupId = group, Topics = [new() { Name = topic, PartitionIndexes = [0] }] }],
        })).Groups[0].Topics[0].Partitions[0].CommittedOffset;

    public async Task<ErrorCode> DeleteGroupAsync(string group = "g") =>
        (await Client.AskAsync(Apis.DeleteGroups, 2, new DeleteGroupsRequest { GroupsNames = [group] })).Results[0].ErrorCode;

    public async Task<string> StateAsync(string group = "g") =>
        (await Client.AskAsync(Apis.DescribeGroups, 5, new DescribeGroupsRequest { Groups = [group] })).Groups[0].GroupState;

    /// <summary>Waits until a request of another connection has brought the group there.</summary>
    public async Task UntilStateAsync(string state, string group = "g")
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await StateAsync(group) != state)
            patience.Token.ThrowIfCancellationRequested();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Host.DisposeAsync();
    }

    public static JoinGroupRequest Join(string memberId, string? instance = null, string group = "g", string topic = "t") => new()
    {
        GroupId = group,
        SessionTimeoutMs = SessionMs,
        RebalanceTimeoutMs = 60_000,
        MemberId = memberId,
        GroupInstanceId = instance,
        ProtocolType = "consumer",
        Protocols = [new() { Name = "range", Metadata = Subscription(topic) }],
    };

    /// <summary>A consumer's subscription, version 0.</summary>
    public static byte[] Subscription(string topic) =>
        [0, 0, 0, 0, 0, 1, 0, (byte)topic.Length, .. Encoding.UTF8.GetBytes(topic), 0xFF, 0xFF, 0xFF, 0xFF];
}

using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Fetching;

/// <summary>Fetch sessions (KIP-227) and the order in which partitions are served, by requests.</summary>
public sealed class FetchSessionTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_session_tells_only_what_changed()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(partitions: 3);
        await using InMemoryKafkaClient client = broker.Connect();
        FetchResponse full = await client.AskAsync(Apis.Fetch, 11, Full(0, 1, 2));

        full.SessionId.ShouldBeGreaterThan(0);
        Partitions(full).ShouldBe([0, 1, 2]);

        await ServedBroker.ProduceAsync(client, 1, "a");
        FetchResponse changed = await client.AskAsync(Apis.Fetch, 11, Next(full.SessionId, 1));
        changed.SessionId.ShouldBe(full.SessionId);
        FetchResponse.Partition partition = changed.Responses.Single().Partitions.Single();
        partition.PartitionIndex.ShouldBe(1);
        partition.Records.IsEmpty.ShouldBeFalse();

        FetchResponse read = await client.AskAsync(Apis.Fetch, 11, Next(full.SessionId, 2, (1, 1)));
        read.ErrorCode.ShouldBe(ErrorCode.None);
        read.Responses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Records_that_the_client_did_not_take_come_again()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();
        await ServedBroker.ProduceAsync(client, 0, "a");
        int id = (await client.AskAsync(Apis.Fetch, 11, Full(0))).SessionId;

        (await client.AskAsync(Apis.Fetch, 11, Next(id, 1))).Responses.Single().Partitions.Single().Records.IsEmpty.ShouldBeFalse();
        (await client.AskAsync(Apis.Fetch, 11, Next(id, 2))).Responses.Single().Partitions.Single().Records.IsEmpty.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(7, 8)]
    public async Task A_fetch_with_a_partition_in_error_is_answered_at_once(int one, int other)
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(partitions: 1);
        await using InMemoryKafkaClient client = broker.Connect();
        FetchRequest request = Full(one, other);
        (request.MaxWaitMs, request.MinBytes) = (600_000, 1);

        FetchResponse response = await client.AskAsync(Apis.Fetch, 11, request).WaitAsync(TimeSpan.FromSeconds(30));

        response.Responses.SelectMany(t => t.Partitions).ShouldContain(p => p.ErrorCode == ErrorCode.UnknownTopicOrPartition);
    }

    [Fact]
    public async Task A_moved_log_start_and_an_error_are_changes()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(partitions: 2);
        await using InMemoryKafkaClient client = broker.Connect();
        await ServedBroker.ProduceAsync(client, 0, "a");
        FetchRequest request = Full(0, 1);
        request.Topics[0].Partitions[0].FetchOffset = 1;
        int id = (await client.AskAsync(Apis.Fetch, 11, request)).SessionId;

        await broker.Host.Topics.All["t"].Partitions[0].DeleteRecordsAsync(1);
        FetchResponse.Partition moved = (await client.AskAsync(Apis.Fetch, 11, Next(id, 1))).Responses.Single().Partitions.Single();
        moved.LogStartOffset.ShouldBe(1);

        await broker.Host.Topics.DeleteAsync("t");
        for (int epoch = 2; epoch < 4; epoch++)
        {
            FetchResponse gone = await client.AskAsync(Apis.Fetch, 11, Next(id, epoch));
            gone.Responses.SelectMany(t => t.Partitions).Select(p => p.ErrorCode)
                .ShouldBe([ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition]);
        }
        await broker.Host.Topics.CreateAsync("t", 2, []);
        Partitions(await client.AskAsync(Apis.Fetch, 11, Next(id, 4, (0, 0)))).ShouldBe([0, 1], ignoreOrder: true);
        Partitions(await client.AskAsync(Apis.Fetch, 11, Next(id, 5))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Partitions_are_forgotten_and_a_session_without_any_ends()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(partitions: 2);
        await using InMemoryKafkaClient client = broker.Connect();
        int id = (await client.AskAsync(Apis.Fetch, 11, Full(0, 1))).SessionId;
        FetchRequest forget = Next(id, 1);
        forget.ForgottenTopicsData = [new() { Topic = "t", Partitions = [0] }];
        await client.AskAsync(Apis.Fetch, 11, forget);
        await ServedBroker.ProduceAsync(client, 0, "a");
        await ServedBroker.ProduceAsync(client, 1, "b");

        Partitions(await client.AskAsync(Apis.Fetch, 11, Next(id, 2, (1, 0)))).ShouldBe([1]);
        forget = Next(id, 3);
        forget.ForgottenTopicsData = [new() { Topic = "t", Partitions = [1] }];
        (await client.AskAsync(Apis.Fetch, 11, forget)).SessionId.ShouldBe(0);
        (await client.AskAsync(Apis.Fetch, 11, Next(id, 4))).ErrorCode.ShouldBe(ErrorCode.FetchSessionIdNotFound);
    }

    [Fact]
    public async Task Wrong_ids_epochs_and_ways_of_naming_topics_are_refused()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();
        int id = (await client.AskAsync(Apis.Fetch, 11, Full(0))).SessionId;

        (await client.AskAsync(Apis.Fetch, 11, Next(id ^ 1, 1))).ErrorCode.ShouldBe(ErrorCode.FetchSessionIdNotFound);
        (await client.AskAsync(Apis.Fetch, 11, Next(id, 2))).ErrorCode.ShouldBe(ErrorCode.InvalidFetchSessionEpoch);
        (await client.AskAsync(Apis.Fetch, 13, Next(id, 1))).ErrorCode.ShouldBe(ErrorCode.FetchSessionTopicIdError);
        await using InMemoryKafkaClient other = broker.Connect();
        (await other.AskAsync(Apis.Fetch, 11, Next(id, 1))).ErrorCode.ShouldBe(ErrorCode.None); // bound to nothing but its id
        FetchRequest end = Full(0);
        (end.SessionId, end.SessionEpoch) = (id, -1);
        (await client.AskAsync(Apis.Fetch, 11, end)).SessionId.ShouldBe(0);
        (await client.AskAsync(Apis.Fetch, 11, Next(id, 2))).ErrorCode.ShouldBe(ErrorCode.FetchSessionIdNotFound);
    }

    [Fact]
    public async Task A_request_that_overtakes_a_waiting_one_makes_it_fail()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();
        await using InMemoryKafkaClient other = broker.Connect();
        int id = (await client.AskAsync(Apis.Fetch, 11, Full(0))).SessionId;
        FetchRequest waiting = Next(id, 1);
        waiting.MaxWaitMs = 600_000;
        Task<FetchResponse> first = client.AskAsync(Apis.Fetch, 11, waiting);
        FetchResponse second;
        do
        {
            second = await other.AskAsync(Apis.Fetch, 11, Next(id, 2)); // refused until the first has come in over its own connection
        }
        while (second.ErrorCode == ErrorCode.InvalidFetchSessionEpoch);
        second.ErrorCode.ShouldBe(ErrorCode.None);

        (await first.WaitAsync(Soon)).ErrorCode.ShouldBe(ErrorCode.InvalidFetchSessionEpoch);
    }

    [Fact]
    public async Task A_waiting_session_is_woken_by_any_of_its_partitions()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(partitions: 100);
        await using InMemoryKafkaClient client = broker.Connect();
        await using InMemoryKafkaClient writer = broker.Connect();
        int id = (await client.AskAsync(Apis.Fetch, 11, Full([.. Enumerable.Range(0, 100)]))).SessionId;
        for (int i = 0; i < 5; i++)
        {
            FetchRequest waiting = i == 0 ? Next(id, 1) : Next(id, i + 1, (50 + i - 1, 1));
            waiting.MaxWaitMs = 600_000;
            Task<FetchResponse> fetch = client.AskAsync(Apis.Fetch, 11, waiting);
            await ServedBroker.ProduceAsync(writer, 50 + i, "a");
            Partitions(await fetch.WaitAsync(Soon)).ShouldBe([50 + i]);
        }
    }

    [Fact]
    public async Task Enough_bytes_may_come_from_several_partitions()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(partitions: 2);
        await using InMemoryKafkaClient client = broker.Connect();
        await using InMemoryKafkaClient writer = broker.Connect();
        int batch = ServedBroker.Batch("a").Length;
        FetchRequest request = Full(0, 1);
        (request.MaxWaitMs, request.MinBytes) = (600_000, 2 * batch);
        Task<FetchResponse> fetch = client.AskAsync(Apis.Fetch, 11, request);
        await ServedBroker.ProduceAsync(writer, 0, "a");
        fetch.IsCompleted.ShouldBeFalse();
        await ServedBroker.ProduceAsync(writer, 1, "a");

        (await fetch.WaitAsync(Soon)).Responses[0].Partitions.Sum(p => p.Records.Length).ShouldBe(2 * batch);
    }

    [Fact]
    public async Task Partitions_take_turns_when_an_answer_has_not_room_for_all()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(partitions: 3);
        await using InMemoryKafkaClient client = broker.Connect();
        for (int partition = 0; partition < 3; partition++)
        {
            for (int i = 0; i < 4; i++)
                await ServedBroker.ProduceAsync(client, partition, "a");
        }
        FetchRequest request = Full(0, 1, 2);
        request.MaxBytes = 1; // the first batch comes whole, and nothing else
        FetchResponse response = await client.AskAsync(Apis.Fetch, 11, request);
        var served = new List<int> { response.Responses[0].Partitions.Single(p => !p.Records.IsEmpty).PartitionIndex };
        for (int epoch = 1; epoch < 6; epoch++)
        {
            request = Next(response.SessionId, epoch, (served[^1], served.Count(s => s == served[^1])));
            request.MaxBytes = 1;
            FetchResponse next = await client.AskAsync(Apis.Fetch, 11, request);
            served.Add(next.Responses.Single().Partitions.Single().PartitionIndex);
        }

        served.ShouldBe([0, 1, 2, 0, 1, 2]);
    }

    [Fact]
    public async Task Topics_are_named_by_id_from_version_13()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();
        await ServedBroker.ProduceAsync(client, 0, "a");
        Guid id = broker.Host.Topics.All["t"].Id;
        var unknown = new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]);
        FetchRequest request = Full(0);
        request.Topics =
        [
            new() { TopicId = id, Partitions = [new() { PartitionMaxBytes = 1000 }, new() { PartitionIndex = 7 }] },
            new() { TopicId = unknown, Partitions = [new()] },
        ];
        FetchResponse response = await client.AskAsync(Apis.Fetch, 17, request);

        response.Responses.Select(t => t.TopicId).ShouldBe([id, unknown]);
        response.Responses[0].Partitions.Select(p => p.ErrorCode).ShouldBe([ErrorCode.None, ErrorCode.UnknownTopicOrPartition]);
        response.Responses[0].Partitions[0].Records.IsEmpty.ShouldBeFalse();
        response.Responses[1].Partitions[0].ErrorCode.ShouldBe(ErrorCode.UnknownTopicId);
    }

    [Fact]
    public async Task Leader_epochs_are_compared_and_a_fenced_client_is_told_the_leader()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();
        FetchRequest request = Full(0);
        request.Topics[0].TopicId = broker.Host.Topics.All["t"].Id;
        request.Topics[0].Partitions[0].CurrentLeaderEpoch = 1;
        (await client.AskAsync(Apis.Fetch, 16, request)).Responses[0].Partitions[0].ErrorCode.ShouldBe(ErrorCode.UnknownLeaderEpoch);

        request.Topics[0].Partitions[0].CurrentLeaderEpoch = -2;
        FetchResponse fenced = await client.AskAsync(Apis.Fetch, 16, request);
        fenced.Responses[0].Partitions[0].ErrorCode.ShouldBe(ErrorCode.FencedLeaderEpoch);
        fenced.Responses[0].Partitions[0].CurrentLeader!.LeaderId.ShouldBe(1);
        fenced.NodeEndpoints.Single().Host.ShouldBe("broker");
    }

    [Fact]
    public async Task A_log_that_parted_from_this_one_is_told_where()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();
        await ServedBroker.ProduceAsync(client, 0, "a");
        FetchRequest request = Full(0);
        FetchRequest.Partition asked = request.Topics[0].Partitions[0];
        (asked.LastFetchedEpoch, asked.FetchOffset) = (0, 5);
        FetchResponse.Partition parted = (await client.AskAsync(Apis.Fetch, 12, request)).Responses[0].Partitions[0];
        (parted.DivergingEpoch!.Epoch, parted.DivergingEpoch.EndOffset).ShouldBe((0, 1));
        parted.ErrorCode.ShouldBe(ErrorCode.None);

        asked.LastFetchedEpoch = 3;
        (await client.AskAsync(Apis.Fetch, 12, request)).Responses[0].Partitions[0].ErrorCode.ShouldBe(ErrorCode.OffsetOutOfRange);
        (asked.LastFetchedEpoch, asked.FetchOffset) = (0, 1);
        (await client.AskAsync(Apis.Fetch, 12, request)).Responses[0].Partitions[0].DivergingEpoch.ShouldBeNull();
    }

    [Fact]
    public async Task The_cache_is_bounded()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(listener: new KafkaListenerOptions { MaxFetchSessions = 2 });
        await using InMemoryKafkaClient client = broker.Connect();
        (await client.AskAsync(Apis.Fetch, 11, Full(0))).SessionId.ShouldNotBe(0);
        (await client.AskAsync(Apis.Fetch, 11, Full(0))).SessionId.ShouldNotBe(0);

        (await client.AskAsync(Apis.Fetch, 11, Full(0))).SessionId.ShouldBe(0);
        broker.Services.FetchSessions.Count.ShouldBe(2);
    }

    private static List<int> Partitions(FetchResponse response) =>
        [.. response.Responses.SelectMany(t => t.Partitions).Select(p => p.PartitionIndex)];

    private static FetchRequest Full(params int[] partitions) => new()
    {
        SessionEpoch = 0,
        MinBytes = 1,
        Topics = [new() { Name = "t",
            Partitions = [.. partitions.Select(p => new FetchRequest.Partition { PartitionIndex = p, PartitionMaxBytes = 1_000_000 })] }],
    };

    private static FetchRequest Next(int session, int epoch, params (int Partition, long Offset)[] moved)
    {
        FetchRequest request = Full([.. moved.Select(m => m.Partition)]);
        (request.SessionId, request.SessionEpoch) = (session, epoch);
        for (int i = 0; i < moved.Length; i++)
            request.Topics[0].Partitions[i].FetchOffset = moved[i].Offset;
        return request;
    }
}

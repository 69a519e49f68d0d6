using System.Buffers.Binary;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.UnitTests.Kafka.Protocol;

/// <summary>Frames worked out by hand from the message definitions.</summary>
public class WireVectorTests
{
    [Fact]
    public void ApiVersions_request_3()
    {
        RequestFrame(Apis.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = "kcat", ClientSoftwareVersion = "1.7" }).ShouldBe(
            "0012" + "0003" + "00000007" + "00026964" // key, version, correlation id, client id "id"
            + "00" // no tagged header fields
            + "056B636174" + "04312E37" // compact strings
            + "00"); // no tagged fields
    }

    [Fact]
    public void ApiVersions_response_0_has_the_error_and_the_ranges_only()
    {
        var response = new ApiVersionsResponse
        {
            ErrorCode = ErrorCode.UnsupportedVersion,
            ApiKeys = [new() { ApiKey = 18, MinVersion = 0, MaxVersion = 4 }],
        };
        ResponseFrame(Apis.ApiVersions, 0, response).ShouldBe(
            "00000007" + "0023" + "00000001" + "0012" + "0000" + "0004");
    }

    [Fact]
    public void ApiVersions_response_3_has_an_old_header_and_tagged_features()
    {
        var response = new ApiVersionsResponse
        {
            ApiKeys = [new() { ApiKey = 0, MinVersion = 0, MaxVersion = 12 }],
            FinalizedFeaturesEpoch = 1,
            FinalizedFeatures = [new() { Name = "x", MaxVersionLevel = 2, MinVersionLevel = 1 }],
        };
        ResponseFrame(Apis.ApiVersions, 3, response).ShouldBe(
            "00000007" // correlation id; no tagged header fields
            + "0000" + "02" + "0000" + "0000" + "000C" + "00" // error, array of 1 + its tagged fields
            + "00000000" // throttle time
            + "02" // two tagged fields
            + "01" + "08" + "0000000000000001" // tag 1: epoch
            + "02" + "08" + "02" + "0278" + "0002" + "0001" + "00"); // tag 2: one feature
    }

    [Fact]
    public void Metadata_request_0_and_4()
    {
        var request = new MetadataRequest { Topics = [new() { Name = "t" }], AllowAutoTopicCreation = false };
        RequestFrame(Apis.Metadata, 0, request).ShouldBe(
            "0003" + "0000" + "00000007" + "00026964" + "00000001" + "000174");
        RequestFrame(Apis.Metadata, 4, request).ShouldBe(
            "0003" + "0004" + "00000007" + "00026964" + "00000001" + "000174" + "00");
        RequestFrame(Apis.Metadata, 4, new MetadataRequest()).ShouldBe(
            "0003" + "0004" + "00000007" + "00026964" + "FFFFFFFF" + "01");
    }

    [Fact]
    public void Metadata_response_9()
    {
        var response = new MetadataResponse
        {
            Brokers = [new() { NodeId = 1, Host = "h", Port = 9092 }],
            ClusterId = "c",
            ControllerId = 1,
            Topics =
            [
                new()
                {
                    Name = "t",
                    Partitions = [new() { LeaderId = 1, LeaderEpoch = 0, ReplicaNodes = [1], IsrNodes = [1] }],
                },
            ],
        };
        ResponseFrame(Apis.Metadata, 9, response).ShouldBe(
            "00000007" + "00" // correlation id, no tagged header fields
            + "00000000" // throttle time
            + "02" + "00000001" + "0268" + "00002384" + "00" + "00" // brokers: id, host, port, null rack, tags
            + "0263" + "00000001" // cluster, controller
            + "02" + "0000" + "0274" + "00" // topics: error, name, internal
            + "02" + "0000" + "00000000" + "00000001" + "00000000" // partitions: error, index, leader, epoch
            + "0200000001" + "0200000001" + "01" + "00" // replicas, isr, offline, tags
            + "80000000" + "00" // authorized operations, tags
            + "80000000" + "00");
    }

    [Fact]
    public void Produce_request_3_and_9()
    {
        var request = new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 1000,
            TopicData = [new() { Name = "t", PartitionData = [new() { Index = 2, Records = new byte[] { 0xAA, 0xBB } }] }],
        };
        RequestFrame(Apis.Produce, 3, request).ShouldBe(
            "0000" + "0003" + "00000007" + "00026964"
            + "FFFF" + "FFFF" + "000003E8" + "00000001" + "000174" + "00000001" + "00000002" + "00000002" + "AABB");
        RequestFrame(Apis.Produce, 9, request).ShouldBe(
            "0000" + "0009" + "00000007" + "00026964" + "00"
            + "00" + "FFFF" + "000003E8" + "02" + "0274" + "02" + "00000002" + "03AABB" + "00" + "00" + "00");
    }

    [Fact]
    public void Produce_response_10_names_the_leader_in_tagged_fields()
    {
        var response = new ProduceResponse
        {
            Responses =
            [
                new()
                {
                    Name = "t",
                    PartitionResponses =
                    [
                        new()
                        {
                            ErrorCode = ErrorCode.NotLeaderOrFollower,
                            BaseOffset = -1,
                            CurrentLeader = new() { LeaderId = 2, LeaderEpoch = 5 },
                        },
                    ],
                },
            ],
        };
        ResponseFrame(Apis.Produce, 10, response).ShouldBe(
            "00000007" + "00" + "02" + "0274" + "02" + "00000000" + "0006"
            + "FFFFFFFFFFFFFFFF" + "FFFFFFFFFFFFFFFF" + "FFFFFFFFFFFFFFFF" + "01" + "00" // offset, time, start, record errors, message
            + "01" + "00" + "09" + "00000002" + "00000005" + "00" // tag 0: leader
            + "00" + "00000000" + "00"); // topic tags, throttle time, response tags
    }

    [Fact]
    public void Fetch_request_4()
    {
        var request = new FetchRequest
        {
            MaxWaitMs = 500,
            MinBytes = 1,
            MaxBytes = 1024,
            IsolationLevel = 1,
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, FetchOffset = 9, PartitionMaxBytes = 100 }] }],
        };
        RequestFrame(Apis.Fetch, 4, request).ShouldBe(
            "0001" + "0004" + "00000007" + "00026964"
            + "FFFFFFFF" + "000001F4" + "00000001" + "00000400" + "01"
            + "00000001" + "000174" + "00000001" + "00000000" + "0000000000000009" + "00000064");
    }

    [Fact]
    public void Fetch_response_4_and_12()
    {
        var response = new FetchResponse
        {
            Responses =
            [
                new()
                {
                    Name = "t",
                    Partitions =
                    [
                        new()
                        {
                            HighWatermark = 10,
                            LastStableOffset = 9,
                            LogStartOffset = 0,
                            AbortedTransactions = [new() { ProducerId = 4, FirstOffset = 3 }],
                            Records = new byte[] { 0xCC },
                        },
                    ],
                },
            ],
        };
        ResponseFrame(Apis.Fetch, 4, response).ShouldBe(
            "00000007" + "00000000" + "00000001" + "000174" + "00000001" + "00000000" + "0000"
            + "000000000000000A" + "0000000000000009" + "00000001" + "0000000000000004" + "0000000000000003" + "00000001" + "CC");
        ResponseFrame(Apis.Fetch, 12, response).ShouldBe(
            "00000007" + "00" + "00000000" + "0000" + "00000000" // correlation id, tags, throttle, error, session
            + "02" + "0274" + "02" + "00000000" + "0000" + "000000000000000A" + "0000000000000009" + "0000000000000000"
            + "02" + "0000000000000004" + "0000000000000003" + "00" + "FFFFFFFF" + "02CC" + "00" // aborted, replica, records, tags
            + "00" + "00");
    }

    [Fact]
    public void Unknown_tagged_fields_are_skipped()
    {
        byte[] body = Convert.FromHexString("056B636174" + "04312E37" + "01" + "63" + "02" + "FFFF");
        var reader = new KafkaReader(body);
        ApiVersionsRequest request = Apis.ApiVersions.ReadRequest(ref reader, 3);

        request.ClientSoftwareName.ShouldBe("kcat");
        reader.Remaining.ShouldBe(0);
    }

    [Fact]
    public void Null_records_are_no_records()
    {
        var reader = new KafkaReader(Convert.FromHexString("00000000" + "FFFFFFFF"));
        ProduceRequest.Partition partition = ProduceRequest.Partition.Schema.Read(ref reader, 3, flexible: false);

        partition.Records.Length.ShouldBe(0);
    }

    [Fact]
    public void A_request_header_is_read_up_to_its_tagged_fields()
    {
        var reader = new KafkaReader(Convert.FromHexString("0012" + "0063" + "00000007" + "00026964"));

        RequestHeader.Read(ref reader).ShouldBe(new RequestHeader(ApiKey.ApiVersions, 99, 7, "id"));
    }

    [Theory]
    [InlineData("7FFFFFFF")]
    [InlineData("00000002")]
    [InlineData("FFFFFFFE")]
    public void A_count_beyond_the_frame_is_refused_before_anything_is_allocated(string count)
    {
        byte[] body = Convert.FromHexString(count + "00");
        long before = GC.GetAllocatedBytesForCurrentThread();
        KafkaException error = Should.Throw<KafkaException>(() =>
        {
            var reader = new KafkaReader(body);
            Apis.Metadata.ReadRequest(ref reader, 0);
        });
        error.Code.ShouldBe(ErrorCode.InvalidRequest);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
    }

    private static string RequestFrame<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, TRequest request)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        using var buffer = new PooledBuffer();
        api.WriteRequest(buffer, version, 7, "id", request);
        return WithoutLength(buffer.WrittenSpan);
    }

    private static string ResponseFrame<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, TResponse response)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        using var buffer = new PooledBuffer();
        api.WriteResponse(buffer, version, 7, response);
        return WithoutLength(buffer.WrittenSpan);
    }

    private static string WithoutLength(ReadOnlySpan<byte> frame)
    {
        BinaryPrimitives.ReadInt32BigEndian(frame).ShouldBe(frame.Length - 4);
        return Convert.ToHexString(frame[4..]);
    }
}

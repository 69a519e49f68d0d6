using System.Text.RegularExpressions;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>A stock client, kcat 1.7.1 over librdkafka, against the broker.</summary>
public sealed partial class KcatTests : IAsyncLifetime
{
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        await Kcat.RequireAsync();
        _broker = await TestBroker.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Lists_broker_and_topics()
    {
        await Kcat.RunAsync(_broker, "-P -t listed", "x\n");
        string listing = await Kcat.RunAsync(_broker, "-L");

        listing.ShouldContain($"broker 1 at {_broker.Address} (controller)");
        listing.ShouldContain("topic \"listed\" with 1 partitions:");
        listing.ShouldContain("partition 0, leader 1, replicas: 1, isrs: 1");
    }

    [Fact]
    public async Task Produces_and_consumes_keys_values_and_headers()
    {
        await Kcat.RunAsync(_broker, "-P -t records -K: -H trace=abc -H empty=", "k1:v1\nk2:v2\n");
        string records = await Kcat.RunAsync(_broker, "-C -t records -e -q -f %k=%s;%h;%o\\n");

        records.ShouldBe("k1=v1;trace=abc,empty=;0\nk2=v2;trace=abc,empty=;1\n");
    }

    [Fact]
    public async Task Null_and_empty_are_told_apart()
    {
        await Kcat.RunAsync(_broker, "-P -t nulls -Z -K:", "k1:\n:v2\n");
        string records = await Kcat.RunAsync(_broker, "-C -t nulls -e -q -f %K,%S\\n");

        records.ShouldBe("2,-1\n-1,2\n");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task Compressed_batches_come_back(string codec)
    {
        string lines = string.Concat(Enumerable.Range(0, 2000).Select(i => $"a rather repetitive line, number {i}\n"));
        await Kcat.RunAsync(_broker, $"-P -t {codec} -z {codec} -X linger.ms=100", lines);

        (await Kcat.RunAsync(_broker, $"-C -t {codec} -e -q")).ShouldBe(lines);
    }

    [Fact]
    public async Task Consumes_from_any_offset_and_by_timestamp()
    {
        await Kcat.RunAsync(_broker, "-P -t places", "a\nb\nc\n");
        long between = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 1;
        while (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() <= between)
            await Task.Yield();
        await Kcat.RunAsync(_broker, "-P -t places", "d\ne\n");

        (await Kcat.RunAsync(_broker, "-C -t places -e -q -o 1")).ShouldBe("b\nc\nd\ne\n");
        (await Kcat.RunAsync(_broker, "-C -t places -e -q -o -2")).ShouldBe("d\ne\n");
        (await Kcat.RunAsync(_broker, "-C -t places -e -q -o beginning -c 1")).ShouldBe("a\n");
        (await Kcat.RunAsync(_broker, $"-C -t places -e -q -o s@{between}")).ShouldBe("d\ne\n");
        (await Kcat.RunAsync(_broker, $"-Q -t places:0:{between}")).ShouldContain("offset 3");
    }

    [Fact]
    public async Task Large_messages_and_many_batches_come_back_in_order()
    {
        string large = new('x', 900_000);
        string lines = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i} {large}\n"));
        await Kcat.RunAsync(_broker, "-P -t large -X acks=all", lines);

        (await Kcat.RunAsync(_broker, "-C -t large -e -q")).ShouldBe(lines);
    }

    [Fact]
    public async Task Acks_0_and_1_are_served()
    {
        await Kcat.RunAsync(_broker, "-P -t acks -X acks=1", "one\n");
        await Kcat.RunAsync(_broker, "-P -t acks -X acks=0", "none\n");

        (await Kcat.RunAsync(_broker, "-C -t acks -o beginning -c 2 -q")).ShouldBe("one\nnone\n");
    }

    [Fact]
    public async Task Idempotent_producers_are_served()
    {
        string lines = string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i}\n"));
        await Kcat.RunAsync(_broker, "-P -t exact -X enable.idempotence=true", lines);

        (await Kcat.RunAsync(_broker, "-C -t exact -e -q")).ShouldBe(lines);
    }

    [Fact]
    public async Task A_group_reads_each_record_once_and_goes_on_where_it_was()
    {
        await Kcat.RunAsync(_broker, "-P -t grouped", "a\nb\nc\n");
        (await Kcat.RunAsync(_broker, "-G team -q -e -X auto.offset.reset=earliest -c 3 grouped")).ShouldBe("a\nb\nc\n");
        await Kcat.RunAsync(_broker, "-P -t grouped", "d\n");

        (await Kcat.RunAsync(_broker, "-G team -q -e -X auto.offset.reset=earliest -c 1 grouped")).ShouldBe("d\n");
    }

    /// <summary>librdkafka up to 2.11.0 turns a feature off, compression among them, where its exact versions are not announced.</summary>
    [Fact]
    public async Task Every_feature_that_a_broker_of_Kafka_4_gives_is_on()
    {
        (int exitCode, string output) = await ClientProgram.RunAsync("kcat", "-b", _broker.Address, "-L", "-d", "feature");
        exitCode.ShouldBe(0, output);
        ILookup<string, string> features = FeatureDecision().Matches(output)
            .Select(match => (Decision: match.Groups[1].Value, Feature: match.Groups[2].Value)).Distinct()
            .ToLookup(found => found.Decision, found => found.Feature);

        features["Enabling"].Order().ShouldBe(
        [
            "ApiVersion", "BrokerBalancedConsumer", "BrokerGroupCoordinator", "IdempotentProducer", "LZ4", "MsgVer2", "OffsetTime", "Sasl",
            "SaslAuthReq", "SaslHandshake", "ZSTD",
        ]);
    }

    [Fact]
    public async Task An_isolation_level_is_kept_and_an_old_version_can_be_assumed()
    {
        await Kcat.RunAsync(_broker, "-P -t assumed -X api.version.request=false -X broker.version.fallback=0.11.0.0", "a\nb\n");

        foreach (string level in new[] { "read_committed", "read_uncommitted" })
            (await Kcat.RunAsync(_broker, $"-C -t assumed -e -q -X isolation.level={level}")).ShouldBe("a\nb\n");
    }

    [Fact]
    public async Task A_group_over_two_topics_gets_both()
    {
        await Kcat.RunAsync(_broker, "-P -t left -p 0", "l\n");
        await Kcat.RunAsync(_broker, "-P -t right -p 0", "r\n");
        string records = await Kcat.RunAsync(_broker, "-G both -q -e -X auto.offset.reset=earliest -c 2 left right");

        records.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ShouldBe(["l", "r"]);
    }

    [GeneratedRegex(@"(Enabling|Disabling) feature (\w+)")]
    private static partial Regex FeatureDecision();
}

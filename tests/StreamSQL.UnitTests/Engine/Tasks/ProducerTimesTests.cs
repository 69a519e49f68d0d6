using StreamSQL.Data.Batches;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Tasks;

public class ProducerTimesTests
{
    [Fact]
    public async Task An_idle_producer_holds_back_lateness_but_not_stream_time()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("CREATE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 2, VALUE_FORMAT = 'JSON')");
        await engine.ProduceAsync("s", 2, Enumerable.Range(0, 50).Select(static i => ($"k{i}", "{}", (long)i)));
        var times = new ProducerTimes("times", ["s"], 2);
        times.Observe(new ProducerTime(0, 1000, 1));
        times.Observe(new ProducerTime(1, 400, 1_000_000));

        await times.RefreshIdleAsync(engine.Broker, CancellationToken.None);
        times.Floor.ShouldBe(400);
        times.StreamTime.ShouldBe(1000, "producer 1 has read its source to the end; producer 0 has not");
    }

    [Fact]
    public void A_producer_that_has_said_nothing_keeps_every_row_in_time()
    {
        var times = new ProducerTimes("times", ["s"], 2);
        times.Observe(new ProducerTime(0, 1000, 1));

        times.Floor.ShouldBe(long.MinValue);
    }

    [Fact]
    public void An_abort_takes_the_clocks_back_and_a_restore_brings_them()
    {
        var times = new ProducerTimes("times", ["s"], 2);
        times.Observe(new ProducerTime(0, 10, 1));
        times.Observe(new ProducerTime(1, 20, 2));
        var keys = new SliceList();
        var values = new SliceList();
        keys.Reset();
        values.Reset();
        times.WriteChangelog(keys, values);
        times.Commit();
        times.Observe(new ProducerTime(0, 500, 3));
        times.Abort();
        times.Floor.ShouldBe(10);

        var restored = new ProducerTimes("times", ["s"], 2);
        restored.Restore(keys, values);
        restored.Floor.ShouldBe(10);
    }

    [Fact]
    public void A_clock_travels_in_a_header()
    {
        var headers = new RecordHeaderWriter();
        new ProducerTime(3, -5, 77).WriteTo(headers);

        ProducerTime.TryRead(headers.Encoded, headers.Count, out var time).ShouldBeTrue();
        time.ShouldBe(new ProducerTime(3, -5, 77));
        headers.Clear();
        headers.Add("other"u8, "x"u8);
        ProducerTime.TryRead(headers.Encoded, headers.Count, out _).ShouldBeFalse();
    }
}

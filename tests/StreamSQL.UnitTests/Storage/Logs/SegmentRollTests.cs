using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>When a segment ends by time.</summary>
public sealed class SegmentRollTests
{
    private const long Day = 24L * 3600 * 1000;
    private static readonly Guid Topic = new("11111111-1111-1111-1111-111111111111");

    [Fact]
    public void Jitter_spreads_the_ends_of_segments_within_its_bound()
    {
        var config = new LogConfig { SegmentMs = 7 * Day, SegmentJitterMs = Day };

        long[] ends = [.. Enumerable.Range(0, 200).Select(partition => config.RollAfterMs(new LogId(Topic, partition), 1000))];

        ends.ShouldAllBe(ms => ms > 6 * Day && ms <= 7 * Day);
        ends.Distinct().Count().ShouldBeGreaterThan(190);
        ends.Average().ShouldBeInRange(6.4 * Day, 6.6 * Day);
        ends.ShouldBe(Enumerable.Range(0, 200).Select(partition => config.RollAfterMs(new LogId(Topic, partition), 1000)));
    }

    [Fact]
    public void A_compacted_log_ends_its_segments_before_records_have_waited_too_long()
    {
        var config = new LogConfig { SegmentMs = 7 * Day, MaxCompactionLagMs = Day };

        config.RollAfterMs(new LogId(Topic, 0), 0).ShouldBe(7 * Day);
        (config with { IsCompacted = true }).RollAfterMs(new LogId(Topic, 0), 0).ShouldBe(Day);
        (config with { IsCompacted = true, SegmentJitterMs = 5 * Day }).RollAfterMs(new LogId(Topic, 0), 0).ShouldBeInRange(1, Day);
    }
}

using StreamSQL.Broker.Fetching;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.UnitTests.Broker.Fetching;

public sealed class FetchSessionCacheTests
{
    private readonly ManualTime _time = new();
    private int _lastId;

    [Fact]
    public void Epochs_wrap_to_one() => FetchSessionCache.NextEpoch(int.MaxValue).ShouldBe(1);

    [Fact]
    public void A_stale_session_gives_way_first()
    {
        FetchSessionCache cache = Create(2);
        FetchSession stale = Keep(cache, 9);
        FetchSession used = Keep(cache, 9);
        _time.Pass(TimeSpan.FromMinutes(3));
        cache.Begin(Next(used.Id, 1), 11, out _).ShouldBe(ErrorCode.None);
        Keep(cache, 1).Id.ShouldNotBe(0);

        stale.IsClosed.ShouldBeTrue();
        cache.Begin(Next(stale.Id, 1), 11, out _).ShouldBe(ErrorCode.FetchSessionIdNotFound);
        cache.Begin(Next(used.Id, 2), 11, out _).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void A_larger_session_takes_the_place_of_a_smaller_one_that_had_its_time()
    {
        FetchSessionCache cache = Create(2);
        FetchSession small = Keep(cache, 2);
        FetchSession large = Keep(cache, 5);
        Keep(cache, 9).Id.ShouldBe(0); // both are young

        _time.Pass(TimeSpan.FromMinutes(3));
        cache.Begin(Next(small.Id, 1), 11, out _).ShouldBe(ErrorCode.None);
        cache.Begin(Next(large.Id, 1), 11, out _).ShouldBe(ErrorCode.None);
        Keep(cache, 2).Id.ShouldBe(0); // not larger
        Keep(cache, 3).Id.ShouldNotBe(0);
        small.IsClosed.ShouldBeTrue();
        large.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public void Numbers_are_positive_and_not_used_twice()
    {
        FetchSessionCache cache = new(10, _time, () => new Guid(_lastId++ / 2, 0, 0, new byte[8]));
        int[] ids = [.. Enumerable.Range(0, 4).Select(_ => Keep(cache, 1).Id)];

        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id > 0);
    }

    private FetchSessionCache Create(int capacity) => new(capacity, _time, () => new Guid(++_lastId, 0, 0, new byte[8]));

    private static FetchSession Keep(FetchSessionCache cache, int partitions)
    {
        FetchRequest request = Next(0, 0);
        request.Topics =
            [new() { Name = "t",
                Partitions = [.. Enumerable.Range(0, partitions).Select(i => new FetchRequest.Partition { PartitionIndex = i })] }];
        cache.Begin(request, 11, out FetchSession? session).ShouldBe(ErrorCode.None);
        cache.TryKeep(session!);
        return session!;
    }

    private static FetchRequest Next(int id, int epoch) => new() { SessionId = id, SessionEpoch = epoch };

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}

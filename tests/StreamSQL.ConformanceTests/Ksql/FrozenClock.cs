namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>The wall clock of the cases stands at the epoch; timers run.</summary>
internal sealed class FrozenClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
}

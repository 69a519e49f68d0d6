namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>The wall clock of the cases stands; timers run.</summary>
internal sealed class FrozenClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(2023, 1, 1, 0, 0, 0, TimeSpan.Zero);
}

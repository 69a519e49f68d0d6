using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Catalog;
using StreamSQL.Engine.Leases;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Leases;

/// <summary>Of engines that share a broker one at a time has the lease, and only that one changes the catalog.</summary>
public class EngineLeaseTests
{
    private static readonly TimeSpan _long = TimeSpan.FromHours(1);
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(500);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_takes_over_from_one_that_is_silent_which_then_writes_nothing_more()
    {
        await using var engine = await EngineHarness.StartAsync();
        await using var silent = await AcquireAsync(engine.Broker, Options("one", _short), new StoppedClock(), static _ => { });
        await using var before = await CatalogLog.OpenAsync(engine.Broker, silent, holder: null, TimeProvider.System, Cancellation);
        (await before.TryAppendAsync(new DropTypeRecord("A"), 0, Cancellation)).ShouldBeTrue();

        var told = new List<string>();
        var options = Options("other", _short);
        await using var other = await AcquireAsync(engine.Broker, options, TimeProvider.System, record => told.Add(record.Address));
        await using var after = await CatalogLog.OpenAsync(engine.Broker, other, holder: null, TimeProvider.System, Cancellation);

        told.ShouldBe(["one"]);
        var refused = await Should.ThrowAsync<SqlException>(() => before.TryAppendAsync(new DropTypeRecord("B"), 1, Cancellation).AsTask());
        refused.SqlState.ShouldBe(PostgresErrorCodes.CannotConnectNow);
        silent.Lost.IsCompleted.ShouldBeTrue();
        Should.Throw<SqlException>(silent.RequireHeld).SqlState.ShouldBe(PostgresErrorCodes.CannotConnectNow);
        after.Image.Version.ShouldBe(1);
        (await after.TryAppendAsync(new DropTypeRecord("C"), 1, Cancellation)).ShouldBeTrue();
        other.Lost.IsCompleted.ShouldBeFalse();
        other.RequireHeld();
    }

    [Fact]
    public async Task One_that_is_there_keeps_it()
    {
        await using var engine = await EngineHarness.StartAsync();
        await using var one = await AcquireAsync(engine.Broker, Options("one", _long), TimeProvider.System, static _ => { });
        using var giveUp = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(() => EngineLease.AcquireAsync(
            engine.Broker, Options("other", _long), TimeProvider.System, NullLogger.Instance, _ => giveUp.Cancel(), giveUp.Token));

        one.Lost.IsCompleted.ShouldBeFalse();
        one.RequireHeld();
    }

    [Fact]
    public async Task One_that_gives_it_back_lets_another_begin_at_once()
    {
        await using var engine = await EngineHarness.StartAsync();
        var one = await AcquireAsync(engine.Broker, Options("one", _long), TimeProvider.System, static _ => { });
        var standsBy = new TaskCompletionSource();
        var acquiring = AcquireAsync(engine.Broker, Options("other", _long), TimeProvider.System, _ => standsBy.TrySetResult());
        await standsBy.Task.WaitAsync(Cancellation);

        await one.DisposeAsync();

        await using var other = await acquiring;
        other.RequireHeld();
    }

    [Fact]
    public async Task One_that_is_started_again_after_a_crash_does_not_wait_for_itself()
    {
        await using var engine = await EngineHarness.StartAsync();
        var options = Options("one", _long);
        await using var crashed = await AcquireAsync(engine.Broker, options, new StoppedClock(), static _ => { });

        await using var again = await AcquireAsync(engine.Broker, options, TimeProvider.System, static _ => { });

        again.RequireHeld();
    }

    [Fact]
    public void Records_are_read_as_they_were_written_and_others_refused()
    {
        var record = new LeaseRecord(Guid.NewGuid(), IsReleased: true, "höst:1");

        LeaseRecord.Decode(record.Encode()).ShouldBe(record);
        var later = record.Encode();
        later[0]++;
        Should.Throw<InvalidDataException>(() => LeaseRecord.Decode(later));
        Should.Throw<InvalidDataException>(() => LeaseRecord.Decode(record.Encode().AsSpan(0, 17)));
    }

    private static Task<EngineLease> AcquireAsync(
        IBrokerClient broker, LeaseOptions options, TimeProvider time, Action<LeaseRecord> standBy) =>
        EngineLease.AcquireAsync(broker, options, time, NullLogger.Instance, standBy, Cancellation);

    private static LeaseOptions Options(string address, TimeSpan takeoverAfter) =>
        new() { Engine = Guid.NewGuid(), Address = address, TakeoverAfter = takeoverAfter };

    /// <summary>The clock of a process that hangs: no timer of it fires.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}

using Microsoft.Extensions.Logging;
using StreamSQL.Engine;
using StreamSQL.Engine.Queries;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

public class QueryRestartTests
{
    private const string Copy = """
        CREATE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE STREAM copy AS SELECT * FROM s EMIT CHANGES;
        CREATE STREAM other AS SELECT * FROM s EMIT CHANGES;
        INSERT INTO s (k, v) VALUES ('a', 1);
        """;

    private static readonly EngineOptions s_soon = new()
    {
        Restarts = new QueryRestartOptions { InitialBackoff = TimeSpan.FromMilliseconds(5), MaxBackoff = TimeSpan.FromMilliseconds(20) },
    };

    [Fact]
    public async Task A_query_goes_on_by_itself_when_the_cause_of_its_failure_has_gone()
    {
        using var log = new FailureLog();
        await using var engine = await EngineHarness.StartAsync(options: s_soon, logger: log.Logger);
        await engine.RunAsync(Copy);
        await engine.CaughtUpAsync();

        await engine.Broker.DeleteTopicAsync("COPY", CancellationToken.None);
        await engine.RunAsync("INSERT INTO s (k, v) VALUES ('b', 2)");
        await log.FailuresAsync(3);
        engine.Engine.Queries.Single(static query => query.Sink == "OTHER").Status.ShouldBe(QueryStatus.Running);
        await engine.Broker.CreateTopicAsync(new NewTopic("COPY", 1, 1, new Dictionary<string, string>()), CancellationToken.None);

        (await engine.RunAsync("SET 'auto.offset.reset' = 'earliest'; SELECT k, v FROM copy EMIT CHANGES LIMIT 1")).ShouldBe(["b|2"]);
        var copy = engine.Engine.Queries.Single(static query => query.Sink == "COPY");
        copy.LastError.ShouldNotBeNull();
        copy.RowsOut.ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_query_that_is_tried_again_and_again_can_be_ended()
    {
        using var log = new FailureLog();
        await using var engine = await EngineHarness.StartAsync(options: s_soon, logger: log.Logger);
        await engine.RunAsync(Copy);
        await engine.CaughtUpAsync();
        await engine.Broker.DeleteTopicAsync("COPY", CancellationToken.None);
        await engine.RunAsync("INSERT INTO s (k, v) VALUES ('b', 2)");
        await log.FailuresAsync(2);

        await engine.RunAsync("DROP STREAM copy");

        engine.Engine.Queries.Select(static query => query.Sink).ShouldBe(["OTHER"]);
    }

    [Fact]
    public void Pauses_double_from_failure_to_failure_up_to_the_longest()
    {
        var options = new QueryRestartOptions { InitialBackoff = TimeSpan.FromSeconds(2), MaxBackoff = TimeSpan.FromSeconds(15) };

        Enumerable.Range(1, 5).Select(failures => options.Backoff(failures).TotalSeconds).ShouldBe([2, 4, 8, 15, 15]);
        options.Backoff(int.MaxValue).TotalSeconds.ShouldBe(15);
    }

    /// <summary>Counts how often the engine says that it will start a query again.</summary>
    private sealed class FailureLog : ILoggerProvider, ILogger
    {
        private readonly SemaphoreSlim _failures = new(0);
        private readonly LoggerFactory _factory;

        public FailureLog() => _factory = new LoggerFactory([this]);

        public ILogger<StreamEngine> Logger => _factory.CreateLogger<StreamEngine>();

        public async Task FailuresAsync(int count)
        {
            for (var i = 0; i < count; i++)
                (await _failures.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue();
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 24)
                _failures.Release();
        }

        public void Dispose() => _failures.Dispose();
    }
}

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>C programs over librdkafka, old and new, against the broker.</summary>
public sealed class LibrdkafkaTests : IAsyncLifetime
{
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync();

    public async ValueTask DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [CombinatorialScenarios("commit_and_abort", "open_transaction", "fencing", "transform", "zombie_consumer")]
    public Task Transactions(LibrdkafkaVersion version, string scenario) => Librdkafka.RunAsync(_broker, version, "transactions", scenario);

    [Theory]
    [CombinatorialScenarios("eager", "cooperative", "static_members", "places")]
    public Task Groups(LibrdkafkaVersion version, string scenario) => Librdkafka.RunAsync(_broker, version, "groups", scenario);

    /// <summary>The protocol of KIP-848, which librdkafka 2.0.2 does not speak.</summary>
    [Theory]
    [InlineData("consumer_protocol")]
    [InlineData("remote_range")]
    [InlineData("mixed")]
    public Task Consumer_groups(string scenario) => Librdkafka.RunAsync(_broker, LibrdkafkaVersion.Newest, "groups", scenario);

    [Theory]
    [CombinatorialScenarios("topics", "configs", "records", "groups")]
    public Task Admin(LibrdkafkaVersion version, string scenario) => Librdkafka.RunAsync(_broker, version, "admin", scenario);
}

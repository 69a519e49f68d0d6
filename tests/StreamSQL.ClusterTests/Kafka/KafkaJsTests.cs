using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>Programs of kafkajs, a client written from scratch in JavaScript, against the broker.</summary>
public sealed class KafkaJsTests : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "StreamSQL.ClusterTests", "Kafka", "clients", "node");

    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        bool installed = Directory.Exists(Path.Combine(Folder, "node_modules", "kafkajs"))
            && await ClientProgram.WorksAsync("node", "--version");
        ClientProgram.Require(installed, "kafkajs is not installed (npm ci, in tests/StreamSQL.ClusterTests/Kafka/clients/node).");
        _broker = await TestBroker.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData("acks")]
    [InlineData("contents")]
    [InlineData("manyPartitions")]
    [InlineData("large")]
    [InlineData("idempotent")]
    [InlineData("transactions")]
    [InlineData("fencing")]
    public Task Producer(string scenario) => RunAsync("producer.js", scenario);

    [Theory]
    [InlineData("rebalance")]
    [InlineData("commits")]
    [InlineData("places")]
    [InlineData("describe")]
    public Task Groups(string scenario) => RunAsync("groups.js", scenario);

    [Theory]
    [InlineData("topics")]
    [InlineData("configs")]
    [InlineData("offsets")]
    [InlineData("groups")]
    [InlineData("cluster")]
    public Task Admin(string scenario) => RunAsync("admin.js", scenario);

    private Task RunAsync(string program, string scenario) =>
        ClientProgram.SucceedsAsync("node", Path.Combine(Folder, program), _broker.Address, scenario);
}

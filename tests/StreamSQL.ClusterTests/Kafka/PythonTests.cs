using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>Python's two clients against the broker.</summary>
public sealed class PythonTests : IAsyncLifetime
{
    private const string Python = "/usr/bin/python3"; // the one that the distribution's modules are for
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "StreamSQL.ClusterTests", "Kafka", "clients", "python");

    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync();

    public async ValueTask DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData("produce_consume")]
    [InlineData("transactions")]
    [InlineData("groups")]
    [InlineData("admin")]
    public async Task Confluent_kafka(string scenario)
    {
        bool installed = await ClientProgram.WorksAsync(Python, "-c", "import confluent_kafka");
        ClientProgram.Require(installed, "confluent-kafka is not installed (apt-get install python3-confluent-kafka).");
        await RunAsync("confluent.py", scenario);
    }

    [Theory]
    [InlineData("produce_consume")]
    [InlineData("places")]
    [InlineData("groups")]
    [InlineData("admin")]
    public async Task Kafka_python(string scenario)
    {
        bool installed = await ClientProgram.WorksAsync(Python, "-c", "import kafka");
        ClientProgram.Require(installed, "kafka-python is not installed (apt-get install python3-kafka).");
        await RunAsync("kafka_python.py", scenario);
    }

    private Task RunAsync(string program, string scenario) =>
        ClientProgram.SucceedsAsync(Python, "-B", Path.Combine(Folder, program), _broker.Address, scenario);
}

using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>Stock clients log in at Kafka listeners, as roles of the catalog.</summary>
public sealed class LoginTests : IDisposable
{
    private const string Password = "pencil =9";
    private const string Python = "/usr/bin/python3";
    private static readonly string Program =
        Path.Combine(Repository.Root, "tests", "StreamSQL.ClusterTests", "Kafka", "clients", "python", "logins.py");

    private readonly TemporaryDirectory _data = new();

    private string Certificate => Path.Combine(_data.Path, "postgres", "server.pem");

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("SASL_PLAINTEXT")]
    [InlineData("SASL_SSL")]
    public async Task Kcat_logs_in_with_the_password_only(string protocol)
    {
        await Kcat.RequireAsync();
        using ServerProcess server = await StartAsync(protocol);
        foreach (string mechanism in new[] { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" })
        {
            string options = $"-X security.protocol={protocol} -X ssl.ca.location={Certificate}"
                + $" -X sasl.mechanisms={mechanism} -X sasl.username=postgres";
            string right = $"{options} -X \"sasl.password={Password}\"";
            await Kcat.RunAsync(server.Kafka.ToString(), $"{right} -P -t {mechanism}", "hello\n");
            (await Kcat.RunAsync(server.Kafka.ToString(), $"{right} -C -t {mechanism} -e -q")).ShouldBe("hello\n");
            string[] wrong = [.. options.Split(' '), "-X", "sasl.password=wrong", "-P", "-t", mechanism, Program];
            (int exitCode, string output) = await ClientProgram.RunAsync("kcat", ["-b", server.Kafka.ToString(), .. wrong]);
            exitCode.ShouldNotBe(0);
            output.ShouldContain("SASL authentication error: Authentication failed");
        }
    }

    [Fact]
    public async Task Kcat_encrypts_without_a_login()
    {
        await Kcat.RequireAsync();
        using ServerProcess server = await StartAsync("SSL");
        string options = $"-X security.protocol=SSL -X ssl.ca.location={Certificate}";
        await Kcat.RunAsync(server.Kafka.ToString(), $"{options} -P -t encrypted", "hello\n");

        (await Kcat.RunAsync(server.Kafka.ToString(), $"{options} -C -t encrypted -e -q")).ShouldBe("hello\n");
        (await ClientProgram.RunAsync("kcat", "-b", server.Kafka.ToString(), "-L", "-m", "3")).ExitCode.ShouldNotBe(0);
    }

    [Theory]
    [InlineData("confluent", "import confluent_kafka", "SASL_PLAINTEXT")]
    [InlineData("confluent", "import confluent_kafka", "SASL_SSL")]
    [InlineData("kafka_python", "import kafka", "SASL_PLAINTEXT")]
    [InlineData("kafka_python", "import kafka", "SASL_SSL")]
    public async Task Python_clients_log_in_with_the_password_only(string library, string import, string protocol)
    {
        ClientProgram.Require(await ClientProgram.WorksAsync(Python, "-c", import), $"{library} is not installed.");
        using ServerProcess server = await StartAsync(protocol);
        foreach (string mechanism in new[] { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" })
        {
            (int exitCode, string output) = await LogInAsync(Password, mechanism);
            exitCode.ShouldBe(0, output);
        }
        (await LogInAsync("wrong", "SCRAM-SHA-256")).ExitCode.ShouldNotBe(0);

        Task<(int ExitCode, string Output)> LogInAsync(string password, string mechanism) => ClientProgram.RunAsync(
            Python, "-B", Program, server.Kafka.ToString(), library, protocol, mechanism, "postgres", password, Certificate);
    }

    private Task<ServerProcess> StartAsync(string protocol) =>
        ServerProcess.StartAsync(_data.Path, new Dictionary<string, string>
        {
            ["STREAMSQL_POSTGRES_PASSWORD"] = Password,
            ["STREAMSQL_KAFKA_SECURITY"] = $"PLAINTEXT:{protocol}", // of the listener that has no name
        });
}

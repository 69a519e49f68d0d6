using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Postgres;
using StreamSQL.Postgres.Connections;
using StreamSQL.UnitTests.Engine.Support;
using StreamSQL.UnitTests.Postgres.Support;
using StreamSQL.UnitTests.Sql;

namespace StreamSQL.UnitTests.Postgres;

/// <summary>
/// What clients write, message by message, over a whole engine. A line of a case is what one client
/// sends, named by a letter: <c>a: SQL</c> is a simple query, <c>a: COPY ... &lt;&lt; row;row</c> a COPY with its data, <c>a| SQL | SQL</c>
/// is Parse, Bind and Execute of each and one Sync at the end, <c>a&lt;</c> waits for one message. The answer to each line is a line.
/// </summary>
public sealed class WriteTranscriptTests
{
    private const string Setup = """
        CREATE TABLE t (k INTEGER PRIMARY KEY, n INTEGER) WITH (KAFKA_TOPIC = 't', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE u (k VARCHAR PRIMARY KEY, n INTEGER) WITH (KAFKA_TOPIC = 'u', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE STREAM s (k VARCHAR KEY, n INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE sums AS SELECT k, SUM(n) AS n FROM s GROUP BY k EMIT CHANGES;
        INSERT INTO t VALUES (1, 10), (2, 20);
        """;

    [Theory]
    [InlineData("writes.txt")]
    [InlineData("transactions.txt")]
    [InlineData("notifications.txt")]
    [InlineData("definitions.txt")]
    [InlineData("views.txt")]
    [InlineData("locks.txt")]
    [InlineData("sequences.txt")]
    [InlineData("functions.txt")]
    [InlineData("alterations.txt")]
    public void Transcript(string file) =>
        TextCases.Check(Path.Combine("Transcripts", file), text => RunAsync(text).GetAwaiter().GetResult());

    private static async Task<string> RunAsync(string text)
    {
        await using var engine = await EngineHarness.StartAsync(options: new() { MaxTransactionBytes = 100_000 }, withCatalog: true);
        await engine.RunAsync(Setup);
        var handler = new PostgresConnectionHandler(engine.Engine, new PostgresOptions(), TimeProvider.System,
            NullLogger<PostgresConnectionHandler>.Instance);
        var clients = new Dictionary<char, WireClient>();
        var answers = new List<string>();
        try
        {
            foreach (var line in text.Split('\n'))
            {
                if (!clients.TryGetValue(line[0], out var client))
                    clients.Add(line[0], client = await ConnectAsync(handler));
                answers.Add($"{line[0]}: {await AnswerAsync(client, line)}");
            }
        }
        finally
        {
            foreach (var client in clients.Values)
                await client.DisposeAsync();
        }

        return string.Join('\n', answers);
    }

    private static async Task<string> AnswerAsync(WireClient client, string line)
    {
        switch (line[1])
        {
            case '<':
                return await client.ReadAsync(1);
            case ':':
                var parts = line[2..].Split(" << ");
                client.Query(parts[0].Trim());
                if (parts.Length > 1)
                {
                    client.Message('d', body => body.Write(Encoding.UTF8.GetBytes(parts[1].Replace(';', '\n') + "\n")));
                    client.Message('c', static _ => { });
                }

                return await client.ReadToReadyAsync();
            default:
                foreach (var statement in line[2..].Split(" | "))
                {
                    client.Parse("", statement.Trim());
                    client.Bind("", "");
                    client.Execute("");
                }

                client.Sync();
                return await client.ReadToReadyAsync();
        }
    }

    private static async Task<WireClient> ConnectAsync(PostgresConnectionHandler handler)
    {
        var client = new WireClient(handler);
        client.Startup(196608, ("user", "alice"), ("database", "streamsql"));
        (await client.ReadToReadyAsync()).ShouldEndWith("ZI");
        return client;
    }
}

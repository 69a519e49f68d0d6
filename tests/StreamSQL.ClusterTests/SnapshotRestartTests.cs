using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Npgsql;
using StreamSQL.ClusterTests.Support;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ClusterTests;

/// <summary>
/// A server that is killed starts from the snapshots of its states, or from the changelogs where a
/// snapshot is damaged, and answers the same.
/// </summary>
public class SnapshotRestartTests
{
    private const int Keys = 150_000;

    [Fact]
    public async Task Kills_and_damaged_files_change_no_answer()
    {
        using var data = new TemporaryDirectory();
        long produced = 0;
        using (var server = await ServerProcess.StartAsync(data.Path))
        {
            await QueryAsync(server, "CREATE STREAM s (k BIGINT KEY, v BIGINT) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT = " +
                "'KAFKA', VALUE_FORMAT = 'KAFKA')");
            await QueryAsync(server, "CREATE TABLE counts WITH (VALUE_FORMAT = 'JSON') AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM " +
                "s GROUP BY k EMIT CHANGES");
            produced = await ProduceAsync(server, produced, 2 * Keys);
            await EventuallyAsync(server, produced);
            // How soon a snapshot is due depends on how much the commits fold, and that on how busy the machine is.
            for (var more = 0; more < 20 && Snapshots(data.Path).Length == 0; more++)
            {
                produced = await ProduceAsync(server, produced, Keys);
                await EventuallyAsync(server, produced);
            }

            await UntilAsync(() => Snapshots(data.Path).Length > 0);
            produced = await ProduceAsync(server, produced, 30_000);
            server.Kill();
        }

        for (var round = 0; round < 3; round++)
        {
            if (round == 2)
            {
                foreach (var path in Snapshots(data.Path))
                    FlipMiddle(path);
            }

            using var server = await ServerProcess.StartAsync(data.Path);
            await EventuallyAsync(server, produced);
            produced = await ProduceAsync(server, produced, 10_000);
            server.Kill();
        }

        using var last = await ServerProcess.StartAsync(data.Path);
        await EventuallyAsync(last, produced);
    }

    private static string[] Snapshots(string directory) =>
        Directory.Exists(Path.Combine(directory, "state"))
            ? Directory.GetFiles(Path.Combine(directory, "state"), "*.snapshot", SearchOption.AllDirectories) : [];

    private static void FlipMiddle(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Record i has key i modulo the number of keys, and value i.</summary>
    private static async Task<long> ProduceAsync(ServerProcess server, long from, int count)
    {
        var bootstrap = new DnsEndPoint(server.Kafka.Address.ToString(), server.Kafka.Port);
        await using var client = new TcpBrokerClient(new TcpClientOptions { Bootstrap = [bootstrap] }, TimeProvider.System);
        using var builder = new RecordBatchBuilder();
        var key = new byte[sizeof(long)];
        var value = new byte[sizeof(long)];
        for (var i = from; i < from + count; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(key, i % Keys);
            BinaryPrimitives.WriteInt64BigEndian(value, i);
            builder.Append(key, true, value, true, 1_700_000_000_000);
            if (builder.Count < 10_000)
                continue;
            await client.ProduceAsync(new("s", 0), builder.Build(), default);
            builder.Reset();
        }

        return from + count;
    }

    private static Task EventuallyAsync(ServerProcess server, long produced)
    {
        var expected = string.Create(CultureInfo.InvariantCulture, $"{Keys}|{produced}|{produced * (produced - 1) / 2}");
        return UntilAsync(async () => await QueryAsync(server, "SELECT COUNT(*), SUM(n), SUM(total) FROM counts") == expected, expected);
    }

    private static async Task<string> QueryAsync(ServerProcess server, string statement)
    {
        await using var connection = new NpgsqlConnection(server.PostgresConnection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? string.Join('|', Enumerable.Range(0, reader.FieldCount)
                .Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))) : "";
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()), "a snapshot");

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if (await condition())
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        throw new TimeoutException($"waited in vain for {what}");
    }
}

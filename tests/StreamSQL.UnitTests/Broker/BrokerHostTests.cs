using StreamSQL.Broker;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker;

/// <summary>The broker on the real disk.</summary>
public sealed class BrokerHostTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("streamsql-test-").FullName;

    [Fact]
    public async Task A_killed_and_a_closed_broker_come_back_with_everything()
    {
        await using (var broker = await OpenAsync("data"))
        {
            await broker.Topics.CreateAsync("t", 3, []);
            await using var producer = await broker.Client.OpenTransactionalProducerAsync("x", TimeSpan.FromSeconds(10), default);
            for (var i = 0; i < 20; i++)
            {
                await broker.Topics.All["t"].Partitions[1].AppendAsync(TestBatches.Of(1, $"{i}"), RequiredAcks.Leader);
                await producer.CommitAsync(
                    new TransactionContent([new(new("t", 2), TestBatches.Of(1, $"{i}"))], "g", [new(new("t", 1), i)]), default);
            }

            Copy("data", "killed"); // what a kill leaves: all that reached the operating system
        }

        foreach (var name in new[] { "killed", "data", "killed" })
        {
            await using var again = await OpenAsync(name);
            Values(again, 1).ShouldBe(Enumerable.Range(0, 20).Select(i => $"{i}"));
            Values(again, 2).ShouldBe(Enumerable.Range(0, 20).Select(i => $"{i}"));
            (await again.Client.GetCommittedOffsetsAsync("g", default))[new("t", 1)].ShouldBe(19);
        }
    }

    [Fact]
    public async Task A_data_directory_serves_one_broker_at_a_time()
    {
        await using var first = await OpenAsync("data");

        await Should.ThrowAsync<DataDirectoryLockedException>(() => OpenAsync("data"));
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private Task<BrokerHost> OpenAsync(string name) => BrokerHost.OpenAsync(
        $"{_path}/{name}",
        new BrokerOptions
        {
            Topics = new() { InternalPartitions = 2 },
            Storage = new() { Journal = new() { FileBytes = 256 * 1024, FirstFileBytes = 64 * 1024 } },
        },
        new DiskFileSystem(),
        TimeProvider.System);

    private static List<string> Values(BrokerHost broker, int partition)
    {
        var values = new List<string>();
        for (var offset = 0L; ;)
        {
            using var records = broker.Topics.All["t"].Partitions[partition].Read(offset, 1 << 20, IsolationLevel.ReadCommitted).Records;
            if (records.IsEmpty)
                return values;
            values.AddRange(TestBatches.Values(records.Batches.Span));
            offset = records.NextOffset;
        }
    }

    private void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles($"{_path}/{from}", "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) == "lock")
                continue;
            var target = $"{_path}/{to}/{Path.GetRelativePath($"{_path}/{from}", file)}";
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}

using System.Globalization;
using StreamSQL.Broker;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Benchmarks;

/// <summary>A broker over a scratch directory on the real disk, and batches to write to it.</summary>
internal sealed class StorageScratch : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamsql-bench-");

    private StorageScratch()
    {
    }

    public BrokerHost Broker { get; private set; } = null!;

    public static async Task<StorageScratch> OpenAsync(FlushPolicy policy)
    {
        var scratch = new StorageScratch();
        var options = new BrokerOptions { FlushPolicy = policy };
        scratch.Broker = await BrokerHost.OpenAsync(scratch._directory.FullName, options, new DiskFileSystem(), TimeProvider.System);
        return scratch;
    }

    /// <summary>Creates a topic and returns its partitions.</summary>
    public async Task<IReadOnlyList<Partition>> CreateTopicAsync(string name, int partitions)
    {
        var configs = new Dictionary<string, string> { ["max.message.bytes"] = "16777216" };
        await Broker.Client.CreateTopicAsync(new NewTopic(name, partitions, 1, configs), default);
        return Broker.Topics.All[name].Partitions;
    }

    /// <summary>A batch of records of a size, of about so many bytes.</summary>
    public static byte[] Batch(int recordBytes, int batchBytes)
    {
        using var builder = new RecordBatchBuilder();
        var value = new byte[recordBytes];
        new Random(1).NextBytes(value);
        while (builder.SizeInBytes + recordBytes < batchBytes)
            builder.Append(default, false, value, true, 1_700_000_000_000);
        return builder.Build().ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>Writes a line of figures.</summary>
    public static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}

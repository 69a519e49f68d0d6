using System.Buffers.Binary;
using System.Text;
using StreamSQL.Broker.Handlers;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Compression;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Kafka.Compression;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>Record batches as a client produces them and as a reader fetches them, and the data of each codec.</summary>
internal static class RecordBatches
{
    private const int MaxDecompressed = 256 * 1024;
    private static readonly RecordParser _parser = new(withHeaders: true);
    private static readonly RecordRun _run = new();

    /// <summary>Batches with keys, headers, tombstones, producers, markers; plain and in every compression.</summary>
    public static IReadOnlyList<byte[]> Batches { get; } = [.. MakeBatches()];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("produced-batch", static () => Batches, CheckProduced, typeof(KafkaException)) { Share = 24, Repair = RepairBatches },
        new("fetched-batches", static () => [.. Batches, .. Batches.Select(static b => (byte[])[.. b, .. Batches[0]])], Parse,
            typeof(KafkaException))
        {
            Share = 16, Repair = RepairBatches,
        },
        Codec("gzip", CompressionType.Gzip, CompressionVectors.GzipSmall),
        Codec("snappy", CompressionType.Snappy),
        Codec("lz4", CompressionType.Lz4, CompressionVectors.Lz4Small, CompressionVectors.Lz4LinkedBlocksWithChecksums),
        Codec("zstd", CompressionType.Zstd, CompressionVectors.ZstdSmall, CompressionVectors.ZstdFast, CompressionVectors.ZstdWords),
    ];

    /// <summary>Gives consecutive batches a length that ends with the bytes (the last one), and right checksums.</summary>
    public static byte[] RepairBatches(byte[] input)
    {
        byte[] copy = [.. input];
        Span<byte> rest = copy;
        while (rest.Length >= RecordBatchHeader.Size)
        {
            rest[RecordBatchHeader.MagicAt] = (byte)RecordBatchHeader.MagicV2;
            if (!RecordBatchHeader.TryRead(rest, out RecordBatchHeader batch))
            {
                BinaryPrimitives.WriteInt32BigEndian(rest[RecordBatchHeader.LengthAt..], rest.Length - RecordBatchHeader.LogOverhead);
                RecordBatchHeader.TryRead(rest, out batch);
            }

            RecordBatchHeader.WriteCrc(rest[..batch.SizeInBytes]);
            rest = rest[batch.SizeInBytes..];
        }

        return copy;
    }

    private static void CheckProduced(byte[] input)
    {
        ProducedRecords.Check(input, 13, out _);
        if (RecordBatchValidator.CheckIntact(input, out RecordBatchHeader batch) != ErrorCode.None)
            return;
        RecordBatchValidator.CheckProduced(batch);
        TransactionMarker.TryRead(batch, out _);
        RecordBatchValidator.CheckTimestamps(batch, 0, long.MaxValue, MaxDecompressed);
        if (RecordBatchValidator.CheckRecords(batch, requireKeys: true, MaxDecompressed) != ErrorCode.None)
            return;
        using var again = new PooledBuffer(4 * MaxDecompressed);
        RecordBatchCompressor.Recompress(batch, CompressionType.Lz4, MaxDecompressed, again);
    }

    private static void Parse(byte[] input)
    {
        _parser.Begin(new FetchedRecords(input, new PartitionOffsets(0, 1000, 1000), [new AbortedTransaction(7, 0)], null));
        for (long offset = 0; _parser.Next(_run, offset); offset = _run.NextOffset)
        {
        }
    }

    private static FuzzTarget Codec(string name, CompressionType type, params string[] vectors) => new(
        name,
        () => [.. Texts().Select(text => Compress(type, text)),
            .. vectors.Select(Convert.FromBase64String).Where(static v => v.Length < 4096)],
        input =>
        {
            using var target = new PooledBuffer(MaxDecompressed);
            RecordCompression.Decompress(type, input, target);
        },
        typeof(KafkaException))
    { Share = 24 };

    private static byte[] Compress(CompressionType type, byte[] text)
    {
        using var target = new PooledBuffer();
        RecordCompression.Compress(type, text, target);
        return target.WrittenSpan.ToArray();
    }

    private static IEnumerable<byte[]> Texts()
    {
        yield return [];
        yield return "a"u8.ToArray();
        yield return Encoding.UTF8.GetBytes(new string('x', 3000));
        yield return CompressionVectors.Small;
        yield return CompressionVectors.Words.AsSpan(0, 2000).ToArray();
        byte[] noise = new byte[300];
        new Random(1).NextBytes(noise);
        yield return noise;
    }

    private static IEnumerable<byte[]> MakeBatches()
    {
        byte[] plain = TestBatches.Of(1000, "first", "second", "");
        yield return plain;
        yield return TestBatches.Keyed(5, ("k", "v"), ("gone", null), ("", ""));
        yield return TestBatches.Produced(7, 2, 40, transactional: true, "in a transaction");
        yield return TestBatches.Produced(8, 0, int.MaxValue, transactional: false, "wraps", "round");
        byte[] marker = new byte[TransactionMarker.BatchSize];
        new TransactionMarker(Commit: true, CoordinatorEpoch: 3).WriteBatch(marker, 7, 2, 1000);
        yield return marker;
        byte[] headed = WithHeaders();
        yield return headed;
        foreach (CompressionType type in Enum.GetValues<CompressionType>().Where(static t => t != CompressionType.None))
        {
            yield return TestBatches.Compressed(plain, type);
            yield return TestBatches.Compressed(headed, type);
        }
    }

    private static byte[] WithHeaders()
    {
        using var builder = new RecordBatchBuilder();
        var headers = new RecordHeaderWriter();
        headers.Add("name"u8, "value"u8);
        headers.Add("second"u8, []);
        for (int i = 0; i < 3; i++)
            builder.Append("key"u8, true, "value"u8, true, 1000 + i, headers.Encoded, headers.Count);
        return builder.Build().ToArray();
    }
}

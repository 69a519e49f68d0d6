using System.Text;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Compression;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Kafka.Compression;

public class RecordCompressionTests
{
    private static readonly CompressionType[] All =
        [CompressionType.None, CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];

    public static TheoryData<CompressionType> Types => new(All);

    [Theory]
    [MemberData(nameof(Types))]
    public void What_was_compressed_comes_back(CompressionType type)
    {
        var random = new Random(1);
        var noise = new byte[200_000];
        random.NextBytes(noise);
        byte[] mixed = [.. noise.AsSpan(0, 70_000), .. CompressionVectors.Large, .. noise.AsSpan(0, 90_000), .. CompressionVectors.Small];
        foreach (byte[] data in new[] { [], "x"u8.ToArray(), new byte[100_000], noise, CompressionVectors.Small,
            CompressionVectors.Large, mixed })
            Decompress(type, Compress(type, data), data.Length).ShouldBe(data);
        for (int length = 0; length < 300; length++)
        {
            byte[] data = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i * i % 5)))));
            Decompress(type, Compress(type, data), data.Length).ShouldBe(data);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Repetitive_data_shrinks(CompressionType type)
    {
        if (type != CompressionType.None)
            Compress(type, CompressionVectors.Large).Length.ShouldBeLessThan(CompressionVectors.Large.Length / 5);
    }

    [Fact]
    public void Zstd_makes_json_smaller_than_lz4_does()
    {
        byte[] json = Json(5000, new Random(3));

        int zstd = Compress(CompressionType.Zstd, json).Length;

        zstd.ShouldBeLessThan(Compress(CompressionType.Lz4, json).Length);
        Decompress(CompressionType.Zstd, Compress(CompressionType.Zstd, json), json.Length).ShouldBe(json);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Zstd_of_anything_between_noise_and_repetition_comes_back(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 150; round++)
        {
            byte[] data = Pieces(random, random.Next(round < 5 ? 400_000 : 5000));
            Decompress(CompressionType.Zstd, Compress(CompressionType.Zstd, data), data.Length).ShouldBe(data);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Output_beyond_the_limit_is_refused(CompressionType type)
    {
        byte[] bomb = Compress(type, new byte[10_000_000]);
        KafkaException error = Should.Throw<KafkaException>(() => Decompress(type, bomb, 1_000_000));
        error.Code.ShouldBe(ErrorCode.CorruptMessage);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Mutated_data_fails_with_corrupt_message_or_decodes_within_the_limit(CompressionType type)
    {
        byte[] good = Compress(type, CompressionVectors.Small);
        var random = new Random(7);
        for (int round = 0; round < 3000; round++)
        {
            byte[] bad = good.AsSpan(0, round % 3 == 0 ? random.Next(good.Length + 1) : good.Length).ToArray();
            for (int i = random.Next(3); i >= 0 && bad.Length > 0; i--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                Decompress(type, bad, 100_000).Length.ShouldBeLessThanOrEqualTo(100_000);
            }
            catch (KafkaException e)
            {
                e.Code.ShouldBe(ErrorCode.CorruptMessage);
            }
        }
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Every_prefix_is_refused(CompressionType type)
    {
        byte[] good = Compress(type, CompressionVectors.Small);
        for (int length = 0; length < good.Length; length++)
        {
            // The bare frame header of snappy-java is a valid stream of no blocks.
            if (type == CompressionType.Snappy && length == 16)
                continue;
            KafkaException error = Should.Throw<KafkaException>(() => Decompress(type, good[..length], 100_000));
            error.Code.ShouldBe(ErrorCode.CorruptMessage);
        }
    }

    [Fact]
    public void Frames_of_other_encoders_are_read()
    {
        Decompress(CompressionType.Gzip, Convert.FromBase64String(CompressionVectors.GzipSmall)).ShouldBe(CompressionVectors.Small);
        Decompress(CompressionType.Lz4, Convert.FromBase64String(CompressionVectors.Lz4Small)).ShouldBe(CompressionVectors.Small);
        Decompress(CompressionType.Lz4, Convert.FromBase64String(CompressionVectors.Lz4LinkedBlocksWithChecksums))
            .ShouldBe(CompressionVectors.Large);
        Decompress(CompressionType.Lz4, Convert.FromBase64String(CompressionVectors.Lz4IndependentBlocksWithSize))
            .ShouldBe(CompressionVectors.Large);
    }

    [Fact]
    public void Zstandard_frames_of_the_reference_encoder_are_read()
    {
        Decompress(CompressionType.Zstd, Convert.FromBase64String(CompressionVectors.ZstdSmall)).ShouldBe(CompressionVectors.Small);
        Decompress(CompressionType.Zstd, Convert.FromBase64String(CompressionVectors.ZstdFast)).ShouldBe(CompressionVectors.Small);
        Decompress(CompressionType.Zstd, Convert.FromBase64String(CompressionVectors.ZstdLarge)).ShouldBe(CompressionVectors.Large);
        Decompress(CompressionType.Zstd, Convert.FromBase64String(CompressionVectors.ZstdWords)).ShouldBe(CompressionVectors.Words);
    }

    [Fact]
    public void Mutated_Zstandard_frames_fail_cleanly()
    {
        byte[] good = Convert.FromBase64String(CompressionVectors.ZstdWords);
        var random = new Random(3);
        int failed = 0;
        for (int round = 0; round < 5000; round++)
        {
            byte[] bad = good.AsSpan(0, round % 4 == 0 ? random.Next(good.Length) : good.Length).ToArray();
            for (int i = random.Next(3); i >= 0 && bad.Length > 0; i--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                Decompress(CompressionType.Zstd, bad, 200_000);
            }
            catch (KafkaException e)
            {
                e.Code.ShouldBe(ErrorCode.CorruptMessage);
                failed++;
            }
        }
        failed.ShouldBeGreaterThan(4900); // the frame has a checksum
    }

    [Fact]
    public void A_wrong_LZ4_checksum_is_found()
    {
        byte[] frame = Convert.FromBase64String(CompressionVectors.Lz4LinkedBlocksWithChecksums);
        for (int at = 4; at < frame.Length; at += 7)
        {
            frame[at] ^= 0x10;
            Should.Throw<KafkaException>(() => Decompress(CompressionType.Lz4, frame));
            frame[at] ^= 0x10;
        }
    }

    [Fact]
    public void Raw_snappy_is_read_as_librdkafka_sends_it()
    {
        // From the format description: length 11, literal "abc", copy of 8 bytes from 3 back.
        Decompress(CompressionType.Snappy, [11, 2 << 2, (byte)'a', (byte)'b', (byte)'c', (8 - 4) << 2 | 1, 3])
            .ShouldBe("abcabcabcab"u8.ToArray());
    }

    [Fact]
    public void Unknown_types_are_refused() =>
        Should.Throw<KafkaException>(() => Decompress((CompressionType)6, [1])).Code.ShouldBe(ErrorCode.UnsupportedCompressionType);

    private static byte[] Json(int records, Random random)
    {
        var text = new StringBuilder();
        for (int i = 0; i < records; i++)
        {
            text.Append("{\"id\":").Append(i).Append(",\"customer\":\"c").Append(random.Next(1000)).Append("\",\"price\":")
                .Append(random.Next(100_000))
                .Append(".25,\"status\":\"").Append(random.Next(3) == 0 ? "open" : "shipped").Append("\"}");
        }
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Bytes of few or many values, and copies of what came before, near and far.</summary>
    private static byte[] Pieces(Random random, int length)
    {
        var data = new List<byte>();
        int values = random.Next(1, 257);
        while (data.Count < length)
        {
            int count = random.Next(1, random.Next(2) == 0 ? 20 : 3000);
            int from = data.Count == 0 ? -1 : data.Count - random.Next(1, Math.Min(data.Count, 70_000) + 1);
            bool isCopy = from >= 0 && random.Next(3) > 0;
            for (int i = 0; i < count; i++)
                data.Add(isCopy ? data[from + i] : (byte)random.Next(values));
        }
        return [.. data];
    }

    [Theory]
    [InlineData(CompressionType.Lz4, 9, 3, 12)]
    [InlineData(CompressionType.Zstd, 3, 5, 19)]
    [InlineData(CompressionType.Zstd, -5, 4, 22)]
    public void Lz4_and_zstd_are_smaller_at_a_higher_level(CompressionType type, int fast, int middle, int high)
    {
        byte[] json = Json(3000, new Random(5));
        int[] sizes = [.. new[] { fast, middle, high }.Select(level => At(type, json, level).Length)];

        sizes[1].ShouldBeLessThan(sizes[0]);
        sizes[2].ShouldBeLessThan(sizes[1]);
        sizes[0].ShouldBe(Compress(type, json).Length);
    }

    [Theory]
    [InlineData(CompressionType.Lz4, 1, 17)]
    [InlineData(CompressionType.Zstd, 3, 22)]
    public void What_was_compressed_at_any_level_comes_back(CompressionType type, int from, int to)
    {
        var random = new Random(9);
        var noise = new byte[1 << 17];
        random.NextBytes(noise);
        byte[] farApart = [.. noise.AsSpan(0, 40_000), .. CompressionVectors.Large, .. noise.AsSpan(0, 70_000), .. noise.AsSpan(0, 40_000)];
        for (int level = from; level <= to; level++)
        {
            foreach (byte[] data in new[] { [], "x"u8.ToArray(), new byte[100_000], Json(300, random), farApart })
                Decompress(type, At(type, data, level), data.Length).ShouldBe(data);
        }
    }

    private static byte[] At(CompressionType type, byte[] data, int level)
    {
        using var target = new PooledBuffer();
        RecordCompression.Compress(type, data, target, level);
        return target.WrittenSpan.ToArray();
    }

    [Fact]
    public void Gzip_is_smaller_at_a_higher_level()
    {
        byte[] data = Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Range(0, 4000).Select(static i => $"{{\"id\":{i * 7919 % 1000},\"name\":\"user {i % 97}\"}}")));

        At(9).Length.ShouldBeLessThan(At(1).Length);
        At(-1).Length.ShouldBeInRange(At(9).Length, At(1).Length);
        Decompress(CompressionType.Gzip, At(9), data.Length).ShouldBe(data);

        byte[] At(int level)
        {
            using var target = new PooledBuffer();
            RecordCompression.Compress(CompressionType.Gzip, data, target, level);
            return target.WrittenSpan.ToArray();
        }
    }

    private static byte[] Compress(CompressionType type, byte[] data)
    {
        using var target = new PooledBuffer();
        RecordCompression.Compress(type, data, target);
        return target.WrittenSpan.ToArray();
    }

    private static byte[] Decompress(CompressionType type, byte[] data, int limit = 1_000_000)
    {
        using var target = new PooledBuffer(limit);
        RecordCompression.Decompress(type, data, target);
        return target.WrittenSpan.ToArray();
    }
}

using System.Text;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Compression;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Kafka.Records;

public class RecordBatchTests
{
    private const long Start = 1_700_000_000_000;

    [Fact]
    public void Records_come_back_as_they_were_appended()
    {
        using var builder = new RecordBatchBuilder(16);
        var headers = new RecordHeaderWriter();
        headers.Add("trace"u8, "abc"u8);
        headers.Add("empty"u8, default, hasValue: false);
        builder.Append("key"u8, true, "value"u8, true, Start);
        builder.Append(default, false, default, true, Start + 5, headers.Encoded, headers.Count);
        builder.Append("gone"u8, true, default, false, Start - 1000);
        byte[] batch = builder.Build(7, 3, 11, transactional: true).ToArray();

        RecordBatchValidator.CheckIntact(batch, out RecordBatchHeader header).ShouldBe(ErrorCode.None);
        RecordBatchValidator.CheckProduced(header).ShouldBe(ErrorCode.None);
        RecordBatchValidator.CheckRecords(header.Records, header.Count, requireKeys: false).ShouldBe(ErrorCode.None);
        RecordBatchValidator.CheckRecords(header.Records, header.Count, requireKeys: true).ShouldBe(ErrorCode.InvalidRecord);
        header.SizeInBytes.ShouldBe(batch.Length);
        header.Count.ShouldBe(3);
        header.LastOffsetDelta.ShouldBe(2);
        header.BaseTimestamp.ShouldBe(Start);
        header.MaxTimestamp.ShouldBe(Start + 5);
        header.ProducerId.ShouldBe(7);
        header.ProducerEpoch.ShouldBe((short)3);
        header.BaseSequence.ShouldBe(11);
        header.LastSequence.ShouldBe(13);
        header.Attributes.IsTransactional.ShouldBeTrue();

        var reader = new RecordBatchReader(header);
        reader.MoveNext().ShouldBeTrue();
        Text(reader.Key).ShouldBe("key");
        Text(reader.Value).ShouldBe("value");
        reader.MoveNext().ShouldBeTrue();
        reader.HasKey.ShouldBeFalse();
        reader.HasValue.ShouldBeTrue();
        reader.Value.Length.ShouldBe(0);
        reader.TimestampDelta.ShouldBe(5);
        RecordHeaderReader recordHeaders = reader.GetHeaders();
        recordHeaders.MoveNext().ShouldBeTrue();
        Text(recordHeaders.Name).ShouldBe("trace");
        Text(recordHeaders.Value).ShouldBe("abc");
        recordHeaders.MoveNext().ShouldBeTrue();
        Text(recordHeaders.Name).ShouldBe("empty");
        recordHeaders.HasValue.ShouldBeFalse();
        recordHeaders.MoveNext().ShouldBeFalse();
        reader.MoveNext().ShouldBeTrue();
        reader.HasValue.ShouldBeFalse();
        reader.OffsetDelta.ShouldBe(2);
        reader.TimestampDelta.ShouldBe(-1000);
        reader.MoveNext().ShouldBeFalse();
    }

    [Fact]
    public void The_first_batch_of_a_builder_has_the_bytes_of_the_format()
    {
        using var builder = new RecordBatchBuilder();
        builder.Append("k"u8, true, "v"u8, true, 1);
        byte[] batch = builder.Build().ToArray();

        Convert.ToHexString(batch, 0, 17).ShouldBe("0000000000000000" + "0000003A" + "FFFFFFFF" + "02");
        Convert.ToHexString(batch, 21, 40).ShouldBe(
            "0000" + "00000000" + "0000000000000001" + "0000000000000001" + "FFFFFFFFFFFFFFFF" + "FFFF" + "FFFFFFFF" + "00000001");
        // length 8, attributes, timestamp delta, offset delta, key length 1, 'k', value length 1, 'v', no headers
        Convert.ToHexString(batch, 61, batch.Length - 61).ShouldBe("10" + "00" + "00" + "00" + "02" + "6B" + "02" + "76" + "00");
    }

    [Fact]
    public void A_builder_can_be_used_again_after_reset()
    {
        using var builder = new RecordBatchBuilder();
        builder.Append("first"u8, true, new byte[40_000], true, 5);
        builder.Build();
        builder.Reset();
        builder.Append("second"u8, true, "x"u8, true, 9);

        RecordBatchValidator.CheckIntact(builder.Build().Span, out RecordBatchHeader header).ShouldBe(ErrorCode.None);
        header.Count.ShouldBe(1);
        header.BaseTimestamp.ShouldBe(9);
    }

    [Fact]
    public void Offset_and_epoch_are_patched_without_the_checksum_and_producer_fields_with_it()
    {
        byte[] batch = OneBatch();
        RecordBatchHeader.SetBaseOffset(batch, 1L << 33);
        RecordBatchHeader.SetLeaderEpoch(batch, 4);
        RecordBatchValidator.CheckIntact(batch, out RecordBatchHeader header).ShouldBe(ErrorCode.None);
        header.BaseOffset.ShouldBe(1L << 33);
        header.NextOffset.ShouldBe((1L << 33) + 2);
        header.LeaderEpoch.ShouldBe(4);

        RecordBatchHeader.StampProducer(batch, 12, 1, int.MaxValue, transactional: true);
        RecordBatchValidator.CheckIntact(batch, out header).ShouldBe(ErrorCode.None);
        header.ProducerId.ShouldBe(12);
        header.LastSequence.ShouldBe(0);

        RecordBatchHeader.StampAppendTime(batch, 99);
        RecordBatchValidator.CheckIntact(batch, out header).ShouldBe(ErrorCode.None);
        header.MaxTimestamp.ShouldBe(99);
        header.Attributes.TimestampType.ShouldBe(TimestampType.LogAppendTime);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_transaction_marker_is_a_control_batch(bool commit)
    {
        var batch = new byte[TransactionMarker.BatchSize];
        new TransactionMarker(commit, 6).WriteBatch(batch, 100, 2, Start);

        RecordBatchValidator.CheckIntact(batch, out RecordBatchHeader header).ShouldBe(ErrorCode.None);
        RecordBatchValidator.CheckRecords(header.Records, 1, requireKeys: true).ShouldBe(ErrorCode.None);
        RecordBatchValidator.CheckProduced(header).ShouldBe(ErrorCode.InvalidRecord);
        TransactionMarker.TryRead(header, out TransactionMarker marker).ShouldBeTrue();
        marker.ShouldBe(new TransactionMarker(commit, 6));
    }

    [Fact]
    public void Every_flipped_bit_behind_the_epoch_is_found()
    {
        byte[] batch = OneBatch();
        for (int bit = 16 * 8; bit < batch.Length * 8; bit++)
        {
            batch[bit / 8] ^= (byte)(1 << (bit % 8));
            RecordBatchValidator.CheckIntact(batch, out _).ShouldNotBe(ErrorCode.None);
            batch[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        RecordBatchValidator.CheckIntact(batch, out _).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void Every_prefix_is_rejected()
    {
        byte[] batch = OneBatch();
        for (int length = 0; length < batch.Length; length++)
            RecordBatchValidator.CheckIntact(batch.AsSpan(0, length), out _).ShouldBe(ErrorCode.CorruptMessage);
    }

    [Fact]
    public void Mutated_records_are_rejected_or_read_but_never_read_past_the_end()
    {
        RecordBatchHeader.TryRead(OneBatch(), out RecordBatchHeader header);
        byte[] records = header.Records.ToArray();
        var random = new Random(42);
        int rejected = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] mutated = records.AsSpan(0, random.Next(records.Length + 1)).ToArray();
            for (int i = random.Next(4); i > 0 && mutated.Length > 0; i--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            ErrorCode result = RecordBatchValidator.CheckRecords(mutated, header.Count, requireKeys: false);
            result.ShouldBeOneOf(ErrorCode.None, ErrorCode.CorruptMessage, ErrorCode.InvalidRecord);
            if (result != ErrorCode.None)
                rejected++;
        }
        rejected.ShouldBeGreaterThan(10_000);
    }

    [Fact]
    public void Records_that_are_walked_over_quickly_are_judged_as_the_reader_judges_them()
    {
        var random = new Random(43);
        int accepted = 0, rejected = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] records = SomeRecords(random, out int count);
            for (int i = random.Next(3); i > 0; i--)
                records[random.Next(records.Length)] = (byte)random.Next(256);
            bool requireKeys = random.Next(2) == 0;

            ErrorCode result = RecordBatchValidator.CheckRecords(records, count, requireKeys);

            result.ShouldBe(JudgeByReader(records, count, requireKeys));
            if (result == ErrorCode.None)
                accepted++;
            else
                rejected++;
        }
        accepted.ShouldBeGreaterThan(2000);
        rejected.ShouldBeGreaterThan(2000);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(48)]
    [InlineData(int.MaxValue)]
    public void A_length_that_cannot_be_is_rejected(int length)
    {
        byte[] batch = OneBatch();
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), length);
        RecordBatchHeader.TryRead(batch, out _).ShouldBeFalse();
    }

    [Fact]
    public void Appending_allocates_nothing_once_the_buffer_is_large_enough()
    {
        using var builder = new RecordBatchBuilder(1 << 20);
        AppendMany(builder);
        builder.Build();
        builder.Reset();
        long before = GC.GetAllocatedBytesForCurrentThread();
        AppendMany(builder);
        RecordBatchHeader.TryRead(builder.Build().Span, out RecordBatchHeader header);
        var reader = new RecordBatchReader(header);
        int read = 0;
        while (reader.MoveNext())
            read++;
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        read.ShouldBe(1000);
    }

    [Fact]
    public void Compressed_records_are_checked_within_a_bound()
    {
        RecordBatchHeader.TryRead(OneBatch(), out RecordBatchHeader plain);
        using var compressed = new PooledBuffer();
        compressed.AppendRepeated(0, RecordBatchHeader.Size);
        RecordCompression.Compress(CompressionType.Lz4, plain.Records, compressed);
        var fields = new RecordBatchFields
        {
            Attributes = new RecordBatchAttributes(CompressionType.Lz4), LastOffsetDelta = plain.LastOffsetDelta, Count = plain.Count,
        };
        fields.WriteTo(compressed.WrittenSpan);

        RecordBatchValidator.CheckIntact(compressed.WrittenSpan, out RecordBatchHeader header).ShouldBe(ErrorCode.None);
        RecordBatchValidator.CheckRecords(header, requireKeys: true, plain.Records.Length).ShouldBe(ErrorCode.None);
        RecordBatchValidator.CheckRecords(header, requireKeys: true, plain.Records.Length - 1).ShouldBe(ErrorCode.CorruptMessage);
        (fields with { Count = 1, LastOffsetDelta = 0 }).WriteTo(compressed.WrittenSpan);
        RecordBatchHeader.TryRead(compressed.WrittenSpan, out header);
        RecordBatchValidator.CheckRecords(header, requireKeys: true, 10_000).ShouldBe(ErrorCode.CorruptMessage);
    }

    private static void AppendMany(RecordBatchBuilder builder)
    {
        for (int i = 0; i < 1000; i++)
            builder.Append("some-key"u8, true, "some-value"u8, true, Start + i);
    }

    private static byte[] OneBatch()
    {
        using var builder = new RecordBatchBuilder();
        var headers = new RecordHeaderWriter();
        headers.Add("h"u8, "1"u8);
        builder.Append("key"u8, true, new byte[200], true, Start);
        builder.Append("key2"u8, true, default, false, Start + 70_000, headers.Encoded, headers.Count);
        return builder.Build().ToArray();
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static byte[] SomeRecords(Random random, out int count)
    {
        using var builder = new RecordBatchBuilder();
        var headers = new RecordHeaderWriter();
        headers.Add("name"u8, "value"u8);
        byte[] bytes = new byte[20_000];
        random.NextBytes(bytes);
        bool hasHeaders = random.Next(8) == 0;
        count = random.Next(1, 30);
        for (int i = 0; i < count; i++)
        {
            int keyBytes = random.Next(-1, 20);
            int valueBytes = random.Next(20) == 0 ? random.Next(bytes.Length) : random.Next(-1, 100);
            ReadOnlySpan<byte> key = bytes.AsSpan(0, Math.Max(keyBytes, 0));
            ReadOnlySpan<byte> value = bytes.AsSpan(0, Math.Max(valueBytes, 0));
            long time = Start + (random.Next(2) == 0 ? random.Next(100) : random.NextInt64(1L << random.Next(50)));
            if (hasHeaders && random.Next(4) == 0)
                builder.Append(key, keyBytes >= 0, value, valueBytes >= 0, time, headers.Encoded, headers.Count);
            else
                builder.Append(key, keyBytes >= 0, value, valueBytes >= 0, time);
        }
        RecordBatchHeader.TryRead(builder.Build().Span, out RecordBatchHeader header);
        return header.Records.ToArray();
    }

    private static ErrorCode JudgeByReader(byte[] records, int count, bool requireKeys)
    {
        try
        {
            var reader = new RecordBatchReader(records, count);
            for (int expected = 0; reader.MoveNext(); expected++)
            {
                if (reader.OffsetDelta != expected || (requireKeys && !reader.HasKey))
                    return ErrorCode.InvalidRecord;
                RecordHeaderReader headers = reader.GetHeaders();
                while (reader.HeaderCount > 0 && headers.MoveNext())
                    continue;
            }
            return ErrorCode.None;
        }
        catch (KafkaException e)
        {
            return e.Code;
        }
    }
}

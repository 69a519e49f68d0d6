using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Leases;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Engine.Support;
using StreamSQL.UnitTests.Sql.Catalog;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>
/// What the engine keeps in its topics and files: catalog and lease records, repartition values and headers, changelog entries, snapshots.
/// </summary>
internal static class EngineRecords
{
    private static readonly PlanSchema _schema = Contexts.Schema(
        RelationKind.Table, (SqlType.BigInt, ColumnRole.Key), (SqlType.BigInt, ColumnRole.Value), (SqlType.Varchar, ColumnRole.Value),
        (SqlType.ArrayOf(SqlType.Integer), ColumnRole.Value), (SqlType.MapOf(SqlType.Varchar, SqlType.Double), ColumnRole.Value),
        (SqlType.Decimal(20, 2), ColumnRole.Value), (SqlType.StructOf([new("X", SqlType.Boolean)]), ColumnRole.Value));

    private const string Path = "state/x";

    // A row has its place in every column and in the key index, be its values null and its bytes few.
    private const int RowFactor = 128;

    private static readonly SqlType[] _types = [.. _schema.Columns.Select(static column => column.Type)];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("catalog-record", static () => CatalogCodecTests.Records().Select(static record => CatalogCodec.Encode(record)),
            static input => CatalogCodec.Decode(input), typeof(InvalidDataException))
        {
            Share = 8, IsText = true,
        },
        new(
            "lease-record", static () => [new LeaseRecord(Guid.Empty, IsReleased: false, "host:1").Encode()],
            static input => LeaseRecord.Decode(input), typeof(InvalidDataException)),
        new("repartition-value", Changes, DecodeChange, typeof(InvalidDataException)) { Share = 24 },
        new("repartition-header", Headers, static input => ProducerTime.TryRead(input, 2, out _), typeof(InvalidDataException),
            typeof(KafkaException)) { Share = 8 },
        new("changelog-entry", ChangelogEntries, RestoreEntry, typeof(InvalidDataException)) { Share = 12 },
        new("state-block", () => Blocks(), LoadBlock, typeof(InvalidDataException)) { Share = 12, AllocationFactor = RowFactor },
        new("state-snapshot", () => [SnapshotFile()], LoadSnapshot, typeof(InvalidDataException), typeof(IOException))
            { Share = 8, Repair = RepairSnapshot, AllocationFactor = RowFactor },
    ];

    private static void DecodeChange(byte[] input)
    {
        var batch = new ChangeBatch(_types, withOld: true);
        batch.Reset(1);
        ChangeCodec.Read(input, batch, 0);
    }

    private static IEnumerable<byte[]> Changes()
    {
        ChangeBatch batch = Batch();
        var writer = new ByteWriter();
        foreach (ChangeFlags flags in new[] { ChangeFlags.None, ChangeFlags.HasNew })
        {
            writer.Clear();
            ChangeCodec.Write(writer, batch, 0, flags);
            yield return writer.Written.ToArray();
        }
    }

    private static ChangeBatch Batch() => Rows.Batch(
        _types,
        [
            new Row([1L, 2L, "text", new object?[] { 1, null, 3 }, new KeyValuePair<object, object?>[] { new("a", 1.5) }, (Int128)12345,
                new object?[] { true }], 1000, ChangeFlags.HasNew),
            new Row([2L, null, null, null, null, null, null], 1001, ChangeFlags.HasNew),
        ]);

    private static IEnumerable<byte[]> Headers()
    {
        var headers = new RecordHeaderWriter();
        new ProducerTime(3, 1000, 77).WriteTo(headers);
        headers.Add("other"u8, "value"u8);
        yield return headers.Encoded.ToArray();
    }

    private static RowTable Table() => new("t", _schema, new MemoryBudget("test", long.MaxValue, null));

    private static RowTable Filled()
    {
        RowTable table = Table();
        Rows.Push(new MaterializeOperator(table, withOld: false), Batch());
        return table;
    }

    private static IEnumerable<byte[]> ChangelogEntries()
    {
        RowTable table = Filled();
        SliceList keys = new(), values = new();
        keys.Reset();
        values.Reset();
        table.WriteChangelog(keys, values);
        for (int i = 0; i < keys.Count; i++)
            yield return [(byte)keys[i].Length, .. keys[i], .. values[i]];
    }

    /// <summary>The length of the key (8 bits), the key, the value.</summary>
    private static void RestoreEntry(byte[] input)
    {
        if (input.Length == 0)
            return;
        int keyLength = Math.Min((int)input[0], input.Length - 1);
        SliceList keys = new(), values = new();
        keys.Reset(input);
        values.Reset(input);
        keys.Add(1, keyLength);
        values.Add(1 + keyLength, input.Length - 1 - keyLength);
        Table().Restore(keys, values);
    }

    private static IEnumerable<byte[]> Blocks()
    {
        RowTable table = Filled();
        table.Commit();
        return [.. StateCopies.Blocks(table, 7)];
    }

    private static void LoadBlock(byte[] input)
    {
        RowTable table = Table();
        lock (table.Sync)
            table.Load(new BlockReader(input, input.Length));
    }

    private static MemoryFileSystem Disk()
    {
        var disk = new MemoryFileSystem();
        disk.CreateDirectory("state");
        return disk;
    }

    private static byte[] SnapshotFile()
    {
        MemoryFileSystem disk = Disk();
        using (var writer = new SnapshotWriter(disk, Path, new SnapshotHeader(Guid.Empty, 0, Table().Shape, 5, 1000)))
        {
            foreach (byte[] block in Blocks())
                writer.Write(block);
            writer.Finish(6, 2);
        }

        using IStorageFile file = disk.Open(Path, FileOpening.Read);
        byte[] bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }

    private static void LoadSnapshot(byte[] input)
    {
        MemoryFileSystem disk = Disk();
        using (IStorageFile file = disk.Open(Path, FileOpening.CreateNew))
            file.Write(input, 0);
        using var reader = new SnapshotReader(disk, Path);
        RowTable table = Table();
        while (reader.TryRead(out BlockReader block))
        {
            lock (table.Sync)
                table.Load(block);
        }
    }

    /// <summary>Makes the checksum of each block right whose length still leads to the next.</summary>
    private static byte[] RepairSnapshot(byte[] input)
    {
        byte[] copy = [.. input];
        int at = SnapshotLayout.FileHeaderBytes;
        for (int number = 0; at + SnapshotLayout.FrameBytes <= copy.Length; number++)
        {
            Span<byte> frame = copy.AsSpan(at);
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(frame);
            length = length == SnapshotLayout.EndMark ? SnapshotLayout.EndBytes : length;
            if (length < 0 || length > frame.Length - SnapshotLayout.FrameBytes)
                break;
            uint crc = SnapshotLayout.Checksum(number, frame.Slice(SnapshotLayout.FrameBytes, length));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], crc);
            at += SnapshotLayout.FrameBytes + length;
        }

        return copy;
    }
}

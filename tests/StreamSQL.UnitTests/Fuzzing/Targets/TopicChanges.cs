using System.Buffers.Binary;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>The changes behind the image of the topics: the mutated file lies beside its copy and the image that it belongs to.</summary>
internal static class TopicChanges
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 8;
    private const string Meta = "data/meta";
    private static readonly Lazy<MemoryFileSystem> _directory = new(MakeDirectory);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("topic-changes-file", () => [ReadChanges()], Decode, typeof(IOException)) { Share = 8, Repair = Repair },
    ];

    private static void Decode(byte[] input)
    {
        MemoryFileSystem disk = _directory.Value.PowerCut();
        foreach (string name in ChangeFiles(disk))
        {
            using IStorageFile file = disk.Open($"{Meta}/{name}", FileOpening.Write);
            file.SetLength(0);
            file.Write(input, 0);
        }

        using DataDirectory directory = DataDirectory.Open(disk, "data");
        using var topics = new TopicRegistryFile(directory);
        topics.Read();
    }

    /// <summary>Makes the header and the frames right whose lengths still lead from one to the next.</summary>
    private static byte[] Repair(byte[] input)
    {
        byte[] copy = [.. input];
        if (copy.Length < HeaderBytes)
            return copy;
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(12), Crc32C.Compute(copy.AsSpan(16..HeaderBytes)));
        for (int at = HeaderBytes; at + FrameHeaderBytes < copy.Length;)
        {
            Span<byte> frame = copy.AsSpan(at);
            int length = BinaryPrimitives.ReadInt32LittleEndian(frame);
            if (length <= 0 || length > frame.Length - FrameHeaderBytes)
                break;
            BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc32C.Compute(frame.Slice(FrameHeaderBytes, length)));
            at += FrameHeaderBytes + length;
        }

        return copy;
    }

    private static byte[] ReadChanges()
    {
        using IStorageFile file = _directory.Value.Open($"{Meta}/{ChangeFiles(_directory.Value).First()}", FileOpening.Read);
        byte[] bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }

    private static IEnumerable<string> ChangeFiles(MemoryFileSystem disk) =>
        disk.ListFiles(Meta).Where(static name => name.Contains(".changes", StringComparison.Ordinal));

    private static MemoryFileSystem MakeDirectory()
    {
        var disk = new MemoryFileSystem();
        var (orders, gone) = (new Guid("11111111-1111-1111-1111-111111111111"), new Guid("22222222-2222-2222-2222-222222222222"));
        using DataDirectory directory = DataDirectory.Open(disk, "data");
        using var topics = new TopicRegistryFile(directory);
        topics.Write(new("cluster", [new("gone", gone, 1, [])]));
        topics.Save([TopicChange.To(new("orders", orders, 3, new() { ["retention.ms"] = "-1" }))], NotNow);
        topics.Save([TopicChange.Gone(gone), TopicChange.To(new("orders", orders, 4, []))], NotNow);
        return disk;
    }

    private static TopicRegistryImage NotNow() => throw new InvalidOperationException("The image is not to be written.");
}

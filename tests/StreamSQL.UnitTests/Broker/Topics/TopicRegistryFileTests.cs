using StreamSQL.Broker.Topics;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Broker.Topics;

public class TopicRegistryFileTests
{
    private readonly MemoryFileSystem _disk = new();

    [Fact]
    public void Changes_are_read_behind_the_image_in_their_order()
    {
        var (kept, gone, made) = (Topic(1, 1), Topic(2, 1), Topic(3, 4));
        using (var directory = DataDirectory.Open(_disk, "data"))
        using (var file = new TopicRegistryFile(directory))
        {
            file.Write(new("cluster", [kept, gone]));
            file.Save([TopicChange.To(made)], NotNow);
            file.Save([TopicChange.Gone(gone.Id), TopicChange.To(kept with { Partitions = 2 })], NotNow);
            file.Save([TopicChange.To(kept with { Partitions = 3, Configs = new() { ["retention.ms"] = "-1" } })], NotNow);
        }

        var image = Read(_disk.PowerCut());
        image.ClusterId.ShouldBe("cluster");
        image.Topics.OrderBy(static t => t.Name).Select(static t => (t.Name, t.Id, t.Partitions, string.Join(' ', t.Configs)))
            .ShouldBe([(kept.Name, kept.Id, 3, "[retention.ms, -1]"), (made.Name, made.Id, 4, "")]);
    }

    [Fact]
    public void The_image_is_written_again_only_when_the_changes_take_as_much_room()
    {
        var (topics, images) = (new List<TopicRecord>(), 0);
        using (var directory = DataDirectory.Open(_disk, "data"))
        using (var file = new TopicRegistryFile(directory))
        {
            file.Write(new("cluster", []));
            for (var i = 0; i < 5000; i++)
            {
                topics.Add(Topic(i, 1));
                file.Save([TopicChange.To(topics[i])], () => Whole(topics));
            }
        }

        images.ShouldBeInRange(2, 10);
        Read(_disk.PowerCut()).Topics.Select(static t => t.Id).ShouldBe(topics.Select(static t => t.Id), ignoreOrder: true);

        TopicRegistryImage Whole(List<TopicRecord> all)
        {
            images++;
            return new("cluster", [.. all]);
        }
    }

    [Fact]
    public void A_change_that_the_disk_refuses_is_not_there_and_the_next_one_is()
    {
        var (first, refused, next) = (Topic(1, 1), Topic(2, 1), Topic(3, 1));
        using (var directory = DataDirectory.Open(_disk, "data"))
        using (var file = new TopicRegistryFile(directory))
        {
            file.Write(new("cluster", []));
            file.Save([TopicChange.To(first)], NotNow);
            _disk.Fault = static (_, path) => path.EndsWith("-copy", StringComparison.Ordinal) ? new IOException("no room") : null;
            Should.Throw<IOException>(() => file.Save([TopicChange.To(refused)], NotNow));
            _disk.Fault = null;
            file.Save([TopicChange.To(next)], () => new("cluster", [first, next]));
        }

        Read(_disk.PowerCut()).Topics.Select(static t => t.Name).ShouldBe([first.Name, next.Name]);
    }

    private static TopicRegistryImage NotNow() => throw new InvalidOperationException("The image is not to be written.");

    private static TopicRegistryImage Read(MemoryFileSystem disk)
    {
        using var directory = DataDirectory.Open(disk, "data");
        using var file = new TopicRegistryFile(directory);
        var image = file.Read().ShouldNotBeNull();
        file.Repairs.ShouldBeEmpty();
        return image;
    }

    private static TopicRecord Topic(int number, int partitions)
    {
        var id = new byte[16];
        BitConverter.TryWriteBytes(id, number);
        return new($"topic-{number}", new Guid(id), partitions, []);
    }
}

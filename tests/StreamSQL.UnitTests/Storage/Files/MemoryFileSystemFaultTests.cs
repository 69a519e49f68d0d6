using StreamSQL.Storage.Files;

namespace StreamSQL.UnitTests.Storage.Files;

/// <summary>What a test may do when it is asked about a fault.</summary>
public sealed class MemoryFileSystemFaultTests
{
    private const int Rounds = 200;

    [Fact]
    public async Task A_fault_may_look_at_the_whole_disk_while_another_thread_flushes_all_of_it()
    {
        var disk = new MemoryFileSystem();
        disk.CreateDirectory("data");
        using var file = disk.Open("data/file", FileOpening.CreateNew);
        var gate = new Lock();
        disk.Fault = (_, _) =>
        {
            lock (gate)
                disk.PowerCut();
            return null;
        };

        Task flushing = Task.Run(() => Repeat(() => disk.FlushTree("data")));
        Task writing = Task.Run(() => Repeat(() => file.Write([1], 0)));

        await Task.WhenAll(flushing, writing).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static void Repeat(Action action)
    {
        for (int round = 0; round < Rounds; round++)
            action();
    }
}

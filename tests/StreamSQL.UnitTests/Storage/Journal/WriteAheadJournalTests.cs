using System.Text;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;

namespace StreamSQL.UnitTests.Storage.Journal;

public class WriteAheadJournalTests
{
    private const string Path = "journal";
    private static readonly JournalOptions Small = new() { FileBytes = 2048, FirstFileBytes = 2048 };

    [Fact]
    public void A_torn_tail_is_dropped_whichever_byte_it_ends_at()
    {
        var disk = new MemoryFileSystem();
        var ends = new List<long>();
        using (var journal = Open(disk, out _))
        {
            foreach (var text in new[] { "first", "the second frame", "3" })
                ends.Add(Write(journal, text));
        }

        var whole = ReadFile(disk, out var name);
        for (var length = JournalFormat.FileHeaderBytes; length < JournalFormat.FileHeaderBytes + ends[^1]; length++)
        {
            var torn = new byte[whole.Length];
            whole.AsSpan(0, length).CopyTo(torn);
            var copy = WithFile(name, torn);
            using var recovered = Open(copy, out var frames);

            var expected = ends.Count(end => JournalFormat.FileHeaderBytes + end <= length);
            // The last bytes of a frame may be padding, whose loss does no harm.
            frames.Count.ShouldBeInRange(expected, expected + 1);
            frames.ShouldBe(new[] { "first", "the second frame", "3" }.Take(frames.Count));
            Write(recovered, "goes on");
            recovered.Dispose();
            using var again = Open(copy, out var framesAgain);
            framesAgain.ShouldBe([.. frames, "goes on"]);
        }
    }

    [Fact]
    public void A_spare_file_is_flushed_in_pieces_so_that_commits_do_not_wait_behind_the_whole_of_it()
    {
        var disk = new MemoryFileSystem();
        using var journal = WriteAheadJournal.Open(disk, Path, new JournalOptions { FileBytes = 1024 * 1024, FirstFileBytes = 2048 }, 0, static (_, _) => { });
        var operations = new List<FileOperation>();
        disk.Fault = (operation, _) =>
        {
            operations.Add(operation);
            return null;
        };

        journal.PrepareSpare();

        operations.Count(static operation => operation == FileOperation.FlushData).ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public void A_start_that_wrote_nothing_does_not_hide_the_frames_of_the_next()
    {
        var disk = new MemoryFileSystem();
        var first = Open(disk, out _);
        var end = Write(first, "before");
        first.PrepareSpare();
        var idle = Open(disk, out _, end); // killed before its first frame: its file begins where that of the next start does
        idle.PrepareSpare();
        var killed = Open(disk, out _, end);
        Write(killed, "after");

        using var last = Open(disk, out var frames, end);

        frames.ShouldBe(["after"]);
    }

    [Fact]
    public void Any_flipped_bit_of_a_frame_ends_the_journal_before_it_or_is_refused()
    {
        var disk = new MemoryFileSystem();
        long end;
        using (var journal = Open(disk, out _))
        {
            Write(journal, "first");
            end = Write(journal, "second");
        }

        var whole = ReadFile(disk, out var name);
        for (var at = JournalFormat.FileHeaderBytes; at < JournalFormat.FileHeaderBytes + end; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x10;
            try
            {
                using var recovered = Open(WithFile(name, damaged), out var frames);
                frames.ShouldBe(new[] { "first", "second" }.Take(frames.Count));
            }
            catch (CorruptDataException e)
            {
                e.Message.ShouldContain("durable"); // the second frame says that the first had been durable
            }
        }
    }

    [Fact]
    public void Damage_before_frames_that_were_written_later_is_refused()
    {
        var disk = new MemoryFileSystem();
        using (var journal = Open(disk, out _))
        {
            Write(journal, "first");
            Sync(journal);
            Write(journal, "second");
        }

        var damaged = ReadFile(disk, out var name);
        damaged[JournalFormat.FileHeaderBytes + JournalFormat.FrameHeaderBytes] ^= 1;

        Should.Throw<CorruptDataException>(() => Open(WithFile(name, damaged), out _));
    }

    [Fact]
    public void Files_are_used_again_and_their_old_frames_are_never_replayed()
    {
        var disk = new MemoryFileSystem();
        var live = new List<string>();
        long released;
        using (var journal = Open(disk, out _))
        {
            for (var i = 0; i < 200; i++)
            {
                live.Add($"frame {i} " + new string('x', 100));
                Write(journal, live[^1]);
                Sync(journal);
                if (i % 20 != 19)
                    continue;
                released = journal.DurableLsn;
                journal.Release(released);
                live.Clear();
            }

            released = journal.NextLsn;
            live.Add("the only live one");
            Write(journal, live[0]);
            Sync(journal);
        }

        disk.ListFiles(Path).Count.ShouldBeLessThan(8);
        using var recovered = Open(disk, out var frames, released);
        frames.ShouldBe(live);
    }

    [Fact]
    public void An_unknown_version_is_refused()
    {
        var disk = new MemoryFileSystem();
        using (var journal = Open(disk, out _))
            Write(journal, "first");
        var bytes = ReadFile(disk, out var name);
        bytes[8]++;

        Should.Throw<UnknownFormatException>(() => Open(WithFile(name, bytes), out _));
    }

    private static WriteAheadJournal Open(MemoryFileSystem disk, out List<string> frames, long fromLsn = 0)
    {
        var found = new List<string>();
        var journal = WriteAheadJournal.Open(disk, Path, Small, fromLsn, (_, payload) => found.Add(Encoding.UTF8.GetString(payload)));
        frames = found;
        return journal;
    }

    private static long Write(WriteAheadJournal journal, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(journal.Reserve(bytes.Length));
        var end = journal.CloseFrame();
        journal.WriteOut();
        return end;
    }

    private static void Sync(WriteAheadJournal journal)
    {
        var files = new List<IStorageFile>();
        var lsn = journal.TakeUnsynced(files);
        files.ForEach(f => f.FlushData());
        journal.MarkDurable(lsn);
    }

    private static byte[] ReadFile(MemoryFileSystem disk, out string name)
    {
        name = disk.ListFiles(Path)[0];
        using var file = disk.Open($"{Path}/{name}", FileOpening.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }

    private static MemoryFileSystem WithFile(string name, byte[] bytes)
    {
        var disk = new MemoryFileSystem();
        disk.CreateDirectory(Path);
        using var file = disk.Open($"{Path}/{name}", FileOpening.CreateNew);
        file.Write(bytes, 0);
        return disk;
    }
}

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
        using var journal = WriteAheadJournal.Open(disk, Path, new JournalOptions { FileBytes = 1024 * 1024, FirstFileBytes = 2048 }, 0,
            static (_, _) => { }, static (_, _) => { });
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
    public void Any_flipped_bit_of_a_frame_ends_the_journal_before_it_or_is_told_of()
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
            using var recovered = Open(WithFile(name, damaged), out var frames, out var damage);
            if (damage.Count == 0)
                frames.ShouldBe(new[] { "first", "second" }.Take(frames.Count));
            else
                frames.ShouldBe(["second"]); // which says that the first had been durable
        }
    }

    [Fact]
    public void Damage_before_frames_that_were_written_later_is_told_of_and_left_out()
    {
        var disk = new MemoryFileSystem();
        long[] ends;
        using (var journal = Open(disk, out _))
        {
            ends = [.. new[] { "first", "second", "third", "fourth" }.Select(text =>
            {
                var frameEnd = Write(journal, text);
                if (text != "second")
                    Sync(journal); // the second and the third are synced together: the fourth alone shows that they were durable
                return frameEnd;
            })];
        }

        var whole = ReadFile(disk, out var name);
        var damaged = whole.ToArray();
        damaged[JournalFormat.FileHeaderBytes + JournalFormat.FrameHeaderBytes + ends[0]] ^= 1;
        using (var recovered = Open(WithFile(name, damaged), out var frames, out var damage))
        {
            frames.ShouldBe(["first", "third", "fourth"]);
            damage.ShouldBe([(ends[0], ends[1])]);
            recovered.NextLsn.ShouldBe(ends[3]);
        }

        damaged = whole.ToArray();
        damaged[JournalFormat.FileHeaderBytes + ends[2]] ^= 1; // the last one may be torn as well
        using var torn = Open(WithFile(name, damaged), out var rest, out var none);
        rest.ShouldBe(["first", "second", "third"]);
        none.ShouldBeEmpty();
    }

    [Fact]
    public void Damage_in_what_was_given_back_does_not_matter()
    {
        var disk = new MemoryFileSystem();
        long needed;
        using (var journal = Open(disk, out _))
        {
            needed = Write(journal, "given back");
            Sync(journal);
            Write(journal, "needed");
        }

        var damaged = ReadFile(disk, out var name);
        damaged[JournalFormat.FileHeaderBytes + JournalFormat.FrameHeaderBytes] ^= 1;
        var found = new List<string>();
        using var recovered = WriteAheadJournal.Open(
            WithFile(name, damaged), Path, Small, needed, (_, payload) => found.Add(Encoding.UTF8.GetString(payload)),
            static (_, _) => throw new InvalidOperationException("Nothing that is needed is damaged."));
        found.ShouldBe(["needed"]);
    }

    [Fact]
    public void A_file_with_a_damaged_header_begins_as_its_first_frame_says()
    {
        var disk = new MemoryFileSystem();
        using (var journal = Open(disk, out _))
        {
            Write(journal, "first");
            Write(journal, "second");
        }

        var whole = ReadFile(disk, out var name);
        for (var at = 0; at < JournalFormat.FileHeaderBytes; at++)
        {
            if (at is >= 8 and < 12)
                continue; // the version
            var damaged = whole.ToArray();
            damaged[at] ^= 4;
            using var recovered = Open(WithFile(name, damaged), out var frames);
            frames.ShouldBe(["first", "second"]);
        }
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
        var journal = Open(disk, out frames, out var damage, fromLsn);
        damage.ShouldBeEmpty();
        return journal;
    }

    private static WriteAheadJournal Open(
        MemoryFileSystem disk, out List<string> frames, out List<(long From, long To)> damage, long fromLsn = 0)
    {
        var found = new List<string>();
        var ranges = new List<(long From, long To)>();
        var journal = WriteAheadJournal.Open(
            disk, Path, Small, fromLsn, (_, payload) => found.Add(Encoding.UTF8.GetString(payload)), (from, to) => ranges.Add((from, to)));
        (frames, damage) = (found, ranges);
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

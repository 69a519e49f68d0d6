using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>Damage in what had been durable: the range is quarantined, the rest is served.</summary>
public class QuarantineTests
{
    private const int Records = 40;
    private const string Directory = "data/logs/11111111111111111111111111111111/0";
    private static readonly LogId Id = new(new Guid("11111111-1111-1111-1111-111111111111"), 0);
    private MemoryFileSystem _disk = new();
    private readonly List<DamagedRange> _found = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whichever_byte_is_flipped_only_its_batch_is_lost(bool clean)
    {
        Fill(clean);
        foreach (var name in Segments(_disk))
        {
            var length = Length(_disk, name);
            for (var at = 0; at < length; at += 7)
            {
                var disk = _disk.PowerCut();
                Flip(disk, name, at);
                using var store = Open(disk);
                var (values, damage) = ReadAround(Log(store));

                damage.Count.ShouldBeLessThanOrEqualTo(1, $"{name} byte {at}: {string.Join(';', damage)}");
                // a flip in the leader epoch, which nothing checks, costs none
                values.Count.ShouldBeGreaterThanOrEqualTo(Records - 1, $"{name} byte {at}: {string.Join(';', damage)}");
                values.ShouldAllBe(v => v.Value == $"value {v.Offset}");
                Log(store).EndOffset.ShouldBe(Records);
            }
        }
    }

    [Fact]
    public void Reading_damage_is_refused_and_told_once_and_what_lies_around_is_served()
    {
        Fill(clean: true);
        var name = Segments(_disk)[1];
        Flip(_disk, name, Length(_disk, name) / 2);
        using var store = Open(_disk);
        var log = Log(store);

        var (values, damage) = ReadAround(log);
        ReadAround(log);

        values.Count.ShouldBe(Records - 1);
        _found.ShouldBe(damage);
        log.Damage.ShouldBe(damage);
        var range = damage.Single();
        Should.Throw<QuarantinedException>(() => log.Read(range.FirstOffset, 1000, Records)).Range.ShouldBe(range);
        using (var before = log.Read(range.FirstOffset - 1, 100_000, Records))
            before.NextOffset.ShouldBe(range.FirstOffset);
        log.TryFindTimestamp(1000 + range.FirstOffset, Records, out var next).ShouldBeTrue();
        next.Offset.ShouldBe(range.EndOffset);
    }

    [Fact]
    public void A_lost_segment_is_a_damaged_range()
    {
        Fill(clean: true);
        var names = Segments(_disk);
        _disk.DeleteFile($"{Directory}/{names[1]}");
        _disk.DeleteFile($"{Directory}/{names[^1]}");
        _disk.FlushDirectory(Directory);
        using var store = Open(_disk);
        var log = Log(store);

        var (values, damage) = ReadAround(log);

        damage.Count.ShouldBe(2);
        damage[^1].EndOffset.ShouldBe(Records);
        values.Count.ShouldBe(Records - (int)damage.Sum(d => d.EndOffset - d.FirstOffset));
        Append(store, "value 40");
        ReadAround(log).Values[^1].ShouldBe((40, "value 40"));

        using var again = Open(_disk.PowerCut());
        ReadAround(Log(again)).Values.Count.ShouldBe(values.Count + 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_segment_that_was_cut_short_is_damaged_where_its_records_are_missing(bool clean)
    {
        Fill(clean);
        var name = Segments(_disk)[^1];
        using (var file = _disk.Open($"{Directory}/{name}", FileOpening.Write))
        {
            file.SetLength(file.Length - 10);
            file.FlushData();
        }

        var store = Open(_disk);
        var (values, damage) = ReadAround(Log(store));
        values.Count.ShouldBe(Records - 1);
        damage.Single().ShouldBe(Log(store).Damage.Single());
        Append(store, "value 40", "value 41");

        using var again = Open(_disk.PowerCut());
        var (after, _) = ReadAround(Log(again));
        after.Select(v => v.Offset).ShouldBe(values.Select(v => v.Offset).Concat([40, 41]));
    }

    [Fact]
    public async Task Retention_takes_a_damaged_segment_too()
    {
        Fill(clean: true);
        var name = Segments(_disk)[0];
        Flip(_disk, name, 30);
        using var store = Open(_disk);
        store.Start();
        var log = Log(store);
        ReadAround(log).Damage.Count.ShouldBe(1);

        await store.ApplyRetentionAsync(log, nowMs: 10_000_000_000, limitOffset: Records);

        log.StartOffset.ShouldBe(Records);
        log.Damage.ShouldBeEmpty();
        ReadAround(log).Values.ShouldBeEmpty();
        Segments(_disk).Count.ShouldBeLessThanOrEqualTo(1);
    }

    private void Fill(bool clean)
    {
        var store = Open(_disk);
        for (var i = 0; i < Records; i++)
            Append(store, $"value {i}");
        store.Checkpoint();
        if (clean)
            store.Dispose();
        _disk = _disk.PowerCut();
    }

    [Fact]
    public void A_damaged_journal_without_a_checkpoint_is_refused_and_opens_when_it_is_moved_away()
    {
        var disk = new MemoryFileSystem();
        var first = Open(disk);
        Append(first, "a", "b", "c");
        first.Checkpoint();
        Append(first, [.. Enumerable.Range(0, 80).Select(static i => $"behind the checkpoint {i}")]);
        List<(string Message, MemoryFileSystem Disk)> refused = [];
        foreach (var journal in disk.ListFiles("data/journal"))
        {
            var rotten = disk.PowerCut(new PowerCutRules(Survival.All, Survival.All));
            foreach (var name in rotten.ListFiles("data/meta")
                .Where(static name => name.StartsWith("checkpoint", StringComparison.Ordinal)))
                rotten.DeleteFile("data/meta/" + name);
            Flip(rotten, journal, JournalFormat.FileHeaderBytes + JournalFormat.FrameHeaderBytes + 1, "data/journal");
            var tried = rotten.PowerCut(new PowerCutRules(Survival.All, Survival.All));
            try
            {
                Open(tried).Dispose();
            }
            catch (CorruptDataException e)
            {
                refused.Add((e.Message, rotten));
            }
        }

        refused.ShouldNotBeEmpty();
        refused[0].Message.ShouldContain("move the 'journal' directory away");
        var moved = refused[0].Disk;
        foreach (var name in moved.ListFiles("data/journal"))
            moved.DeleteFile("data/journal/" + name);
        using var again = Open(moved);
        ReadAround(Log(again)).Values.Select(static v => v.Value).ShouldBe(["a", "b", "c"]);
        Append(again, "h");
        ReadAround(Log(again)).Values.Select(static v => v.Value).ShouldBe(["a", "b", "c", "h"]);
    }

    private LogStore Open(MemoryFileSystem disk)
    {
        var options = new StorageOptions
        {
            HotTailBytes = 0, Journal = new JournalOptions { FileBytes = 16 * 1024, FirstFileBytes = 4 * 1024 },
        };
        var config = new LogConfig { SegmentBytes = 900, IndexIntervalBytes = 200, RetentionMs = 1000 };
        var store = LogStore.Open(DataDirectory.Open(disk, "data"), options, [new(Id, config)], TimeProvider.System);
        store.DamageFound = (_, range) => _found.Add(range);
        return store;
    }

    private static void Append(LogStore store, params string[] values)
    {
        foreach (var value in values)
        {
            var group = store.Commits.Rent();
            lock (Log(store).Gate)
            {
                Log(store).Append(TestBatches.Of(1000 + Log(store).EndOffset, value), 0, -1, group);
                store.Commits.Enqueue(group, Awaited.Nothing);
            }

            store.Commits.CommitOnce();
        }
    }

    private static PartitionLog Log(LogStore store) => store.TryGet(Id, out var log) ? log : throw new InvalidOperationException();

    private static List<string> Segments(MemoryFileSystem disk) =>
        [.. disk.ListFiles(Directory).Where(f => f.EndsWith(".log", StringComparison.Ordinal))];

    private static long Length(MemoryFileSystem disk, string name, string directory = Directory)
    {
        using var file = disk.Open($"{directory}/{name}", FileOpening.Read);
        return file.Length;
    }

    private static void Flip(MemoryFileSystem disk, string name, long at, string directory = Directory)
    {
        using var file = disk.Open($"{directory}/{name}", FileOpening.Write);
        Span<byte> one = stackalloc byte[1];
        file.Read(one, at);
        one[0] ^= 4;
        file.Write(one, at);
        file.FlushData();
    }

    /// <summary>Reads the log as a consumer does that goes on behind what it is refused.</summary>
    private static (List<(long Offset, string Value)> Values, List<DamagedRange> Damage) ReadAround(PartitionLog log)
    {
        var values = new List<(long, string)>();
        var damage = new List<DamagedRange>();
        for (var offset = log.StartOffset; offset < log.EndOffset;)
        {
            try
            {
                using var read = log.Read(offset, 300, log.EndOffset);
                read.IsEmpty.ShouldBeFalse($"nothing at {offset}");
                foreach (var record in TestBatches.Records(read.Batches.Span))
                    values.Add((record.Offset, record.Value!));
                offset = read.NextOffset;
            }
            catch (QuarantinedException e)
            {
                damage.Add(e.Range);
                offset = e.Range.EndOffset;
            }
        }

        return (values, damage);
    }
}

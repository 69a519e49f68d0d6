using System.Text;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.UnitTests.Storage.Crashes;

/// <summary>Replaces a small file again and again.</summary>
internal sealed class SnapshotScenario : CrashScenario
{
    private const int Versions = 20;
    private readonly List<byte[]> _contents = [];
    private int _written = -1;
    private int _tried = -1;

    public override string Name => "snapshots";

    public override void Run(MemoryFileSystem disk, Random random)
    {
        var store = new SnapshotStore(disk, "data/meta", "thing", 1);
        for (var i = 0; i < Versions; i++)
        {
            _contents.Add(Content(i, random.Next(3000)));
            _tried = i;
            store.Write(_contents[i]);
            _written = i;
        }
    }

    public override IExpectation Expect() => new Expectation([.. _contents], _written, _tried);

    private static byte[] Content(int number, int bytes) => Encoding.ASCII.GetBytes($"{number}:{new string('x', bytes)}");

    private sealed class Expectation(byte[][] contents, int written, int tried) : IExpectation
    {
        public long Acknowledged => written;

        public void Check(MemoryFileSystem disk)
        {
            var store = new SnapshotStore(disk, "data/meta", "thing", 1);
            var found = store.ReadNewest() is { } bytes ? int.Parse(Encoding.ASCII.GetString(bytes).Split(':')[0]) : -1;
            if (found < written || found > tried)
                throw new InvalidOperationException($"Version {found} is there; {written} was written, {tried} begun.");
            if (found >= 0 && !store.ReadNewest()!.AsSpan().SequenceEqual(contents[found]))
                throw new InvalidOperationException($"Version {found} is not what was written.");
        }

        public void CheckAndGoOn(MemoryFileSystem disk)
        {
            Check(disk);
            var next = Content(tried + 1, 100);
            new SnapshotStore(disk, "data/meta", "thing", 1).Write(next);
            if (!new SnapshotStore(disk, "data/meta", "thing", 1).ReadNewest()!.AsSpan().SequenceEqual(next))
                throw new InvalidOperationException("A version written after the recovery is not there.");
        }
    }
}

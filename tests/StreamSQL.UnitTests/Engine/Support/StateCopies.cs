using StreamSQL.Engine.State;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>Takes the committed entries of a store over into another one, by way of snapshot blocks.</summary>
internal static class StateCopies
{
    public static void Copy(StateStore from, StateStore to, int rowsPerBlock = 7)
    {
        foreach (var block in Blocks(from, rowsPerBlock))
            Load(to, block);
    }

    /// <summary>The blocks of a scan, one at a time: the store may change in between.</summary>
    public static IEnumerable<byte[]> Blocks(StateStore store, int rowsPerBlock)
    {
        var scan = store.Scan();
        var block = new ByteWriter();
        while (true)
        {
            block.Clear();
            lock (store.Sync)
            {
                if (scan.Write(block, rowsPerBlock) == 0)
                    yield break;
            }

            yield return block.Written.ToArray();
        }
    }

    public static void Load(StateStore store, byte[] block)
    {
        lock (store.Sync)
            store.Load(new BlockReader(block, rowLimit: 1 << 20));
    }
}

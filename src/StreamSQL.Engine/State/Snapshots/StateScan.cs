using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State.Snapshots;

/// <summary>
/// A walk over the committed entries of a store, block by block, while its task goes on. An entry that does not change between the first
/// and the last block is given out once, with its value; one that changes is given out with some committed value of that time, perhaps
/// twice, perhaps not at all. So the blocks and the changelog from the first block on make up the
/// state, since a changelog entry holds a whole value.
/// </summary>
internal abstract class StateScan
{
    /// <summary>
    /// Appends up to so many of the next committed entries to a block and returns how many; 0 at the end. The caller holds the store's
    /// <see cref="StateStore.Sync"/>.
    /// </summary>
    public abstract int Write(ByteWriter block, int maxRows);
}

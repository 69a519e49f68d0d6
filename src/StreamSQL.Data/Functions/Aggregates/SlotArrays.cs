namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>How arrays grow that have a place for each group or row of a state.</summary>
public static class SlotArrays
{
    private const int MinSize = 16;
    private const int Large = 1 << 16;

    /// <summary>
    /// The new size: at least what is needed; else twice the size before, and for large arrays an eighth more, so that what is not used yet
    /// stays small beside what is.
    /// </summary>
    /// <param name="old">The size before.</param>
    /// <param name="needed">How many places are needed.</param>
    public static int Size(int old, int needed)
    {
        var grown = old < Large ? old * 2L : old + (old >> 3);
        return Math.Max(needed, Math.Max(MinSize, (int)Math.Min(grown, Array.MaxLength)));
    }
}

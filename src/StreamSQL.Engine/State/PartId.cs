namespace StreamSQL.Engine.State;

/// <summary>Names a table of groups within an <see cref="AggregateTable"/>.</summary>
/// <param name="Start">Start of the window or slice, milliseconds.</param>
/// <param name="FirstWindow">
/// Start of the first window that its rows count in: the window itself; for a slice the first window that holds it, or, for rows that came
/// when that one was closed, the first that was open then. So a closed window stays as it was.
/// </param>
internal readonly record struct PartId(long Start, long FirstWindow) : IComparable<PartId>
{
    /// <summary>The only table of an aggregate without windows.</summary>
    public static PartId Whole => default;

    /// <summary>A window with groups of its own.</summary>
    public static PartId OfWindow(long start) => new(start, start);

    /// <inheritdoc/>
    public int CompareTo(PartId other) => Start != other.Start ? Start.CompareTo(other.Start) : FirstWindow.CompareTo(other.FirstWindow);
}

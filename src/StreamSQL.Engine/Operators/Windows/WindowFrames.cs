using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>
/// The frame of each row: rows [Start, End) of its partition, of which the exclusion leaves some out.
/// Both ends only move forward within a partition.
/// </summary>
internal sealed class WindowFrames
{
    private int[] _start = [];
    private int[] _end = [];

    /// <summary>First row of each row's frame.</summary>
    public ReadOnlySpan<int> Start => _start;

    /// <summary>The row behind the last one of each row's frame; the same as the start where the frame is empty.</summary>
    public ReadOnlySpan<int> End => _end;

    /// <summary>What is left out.</summary>
    public FrameExclusion Exclusion { get; private set; }

    /// <summary>Whether every frame starts where its partition does.</summary>
    public bool StartsWithPartition { get; private set; }

    /// <summary>Whether every frame is its whole partition.</summary>
    public bool IsWholePartition { get; private set; }

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => 4L * (_start.Length + _end.Length);

    /// <summary>Computes the frames.</summary>
    /// <param name="frame">The frame; its offsets are known.</param>
    /// <param name="offsets">The offsets in rows or groups.</param>
    /// <param name="range">The ends of RANGE with offsets, or null.</param>
    /// <param name="partitions">Partitions and peers.</param>
    public void Compute(FrameSpec frame, (long Start, long End) offsets, RangeEdges? range, WindowPartitions partitions)
    {
        if (_start.Length < partitions.RowCount)
        {
            _start = new int[partitions.RowCount];
            _end = new int[partitions.RowCount];
        }

        Exclusion = frame.Exclusion;
        StartsWithPartition = frame.Start.Kind == FrameEdgeKind.UnboundedPreceding;
        IsWholePartition = StartsWithPartition && frame.End.Kind == FrameEdgeKind.UnboundedFollowing
            && frame.Exclusion == FrameExclusion.None;
        for (var p = 0; p < partitions.Count; p++)
        {
            var (from, to) = (partitions.Starts[p], partitions.Starts[p + 1]);
            Place(frame.Unit, frame.Start.Kind, offsets.Start, range, partitions, from, to, isEnd: false, _start);
            Place(frame.Unit, frame.End.Kind, offsets.End, range, partitions, from, to, isEnd: true, _end);
        }

        for (var row = 0; row < partitions.RowCount; row++)
            _end[row] = Math.Max(_end[row], _start[row]);
    }

    private static void Place(
        FrameUnit unit, FrameEdgeKind kind, long offset, RangeEdges? range, WindowPartitions partitions, int from, int to, bool isEnd,
        int[] edges)
    {
        switch (kind)
        {
            case FrameEdgeKind.UnboundedPreceding:
                edges.AsSpan(from, to - from).Fill(from);
                return;
            case FrameEdgeKind.UnboundedFollowing:
                edges.AsSpan(from, to - from).Fill(to);
                return;
            case FrameEdgeKind.CurrentRow when unit != FrameUnit.Rows:
                (isEnd ? partitions.PeerEnd : partitions.PeerStart)[from..to].CopyTo(edges.AsSpan(from));
                return;
        }

        var signed = kind switch
        {
            FrameEdgeKind.Preceding => -offset,
            FrameEdgeKind.Following => offset,
            _ => 0,
        };
        if (unit == FrameUnit.Rows)
            PlaceRows(signed, from, to, isEnd, edges);
        else if (unit == FrameUnit.Groups)
            PlaceGroups(signed, partitions, from, to, isEnd, edges);
        else
            range!.Place(partitions, from, to, kind == FrameEdgeKind.Preceding, isEnd, edges);
    }

    private static void PlaceRows(long offset, int from, int to, bool isEnd, int[] edges)
    {
        var distance = Math.Clamp(offset, -int.MaxValue, int.MaxValue) + (isEnd ? 1 : 0);
        for (var row = from; row < to; row++)
            edges[row] = (int)Math.Clamp(row + distance, from, to);
    }

    private static void PlaceGroups(long offset, WindowPartitions partitions, int from, int to, bool isEnd, int[] edges)
    {
        var groups = partitions.Group;
        var starts = partitions.GroupStarts;
        var (first, last) = (groups[from], groups[to - 1]);
        var distance = Math.Clamp(offset, -int.MaxValue, int.MaxValue) + (isEnd ? 1 : 0);
        for (var row = from; row < to; row++)
            edges[row] = starts[(int)Math.Clamp(groups[row] + distance, first, last + 1)];
    }
}

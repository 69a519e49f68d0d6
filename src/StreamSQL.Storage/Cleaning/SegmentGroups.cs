using StreamSQL.Storage.Logs;

namespace StreamSQL.Storage.Cleaning;

/// <summary>Groups neighbouring segments that fit into one, so that a log that is cleaned again and again is not left in crumbs.</summary>
internal static class SegmentGroups
{
    /// <summary>
    /// Groups of the segments that begin below an offset: each of at most so many bytes, and within the range of offsets that an index can
    /// hold.
    /// </summary>
    public static List<List<Segment>> Of(LogDirt dirt, long endOffset, int maxBytes)
    {
        var segments = dirt.Segments;
        var groups = new List<List<Segment>>();
        var bytes = 0L;
        for (var i = 0; i < segments.Length && segments[i].BaseOffset < endOffset; i++)
        {
            var segment = segments[i];
            var nextBase = i + 1 < segments.Length ? segments[i + 1].BaseOffset : dirt.SegmentsEnd;
            var joins = groups.Count > 0 && bytes + segment.Length <= maxBytes
                && nextBase - groups[^1][0].BaseOffset <= int.MaxValue;
            if (!joins)
            {
                groups.Add([]);
                bytes = 0;
            }

            groups[^1].Add(segment);
            bytes += segment.Length;
        }

        return groups;
    }
}

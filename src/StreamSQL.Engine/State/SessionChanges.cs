namespace StreamSQL.Engine.State;

/// <summary>What the open commit has done to one session, folded.</summary>
/// <param name="Before">The node of the session as the last commit knows it; -1 when it did not.</param>
/// <param name="After">The node of the session now; -1 when it is gone.</param>
internal readonly record struct SessionChange(int Before, int After);

/// <summary>Finds what the open commit has done to the sessions of a key.</summary>
internal static class SessionChanges
{
    /// <summary>
    /// Appends the changes of a key, first the sessions that are gone, then the others, oldest first each. A session that was replaced by
    /// one of the same bounds is one change.
    /// </summary>
    public static void Collect(SessionTable table, int key, bool withExpired, List<SessionChange> changes)
    {
        var first = changes.Count;
        var nodes = table.Nodes;
        for (var node = table.HeadOf(key); node >= 0; node = nodes.NextOf(node))
        {
            if (nodes.MarkOf(node) == SessionMark.Born)
                changes.Add(new(Twin(table, key, node), node));
        }

        var gone = changes.Count;
        for (var node = table.HeadOf(key); node >= 0; node = nodes.NextOf(node))
        {
            var isGone = nodes.MarkOf(node) == SessionMark.Removed || (withExpired && nodes.MarkOf(node) == SessionMark.Expired);
            if (isGone && !IsReplaced(changes, first, gone, node))
                changes.Add(new(node, -1));
        }

        // Both lists were found newest first.
        changes.Reverse(first, changes.Count - first);
    }

    private static int Twin(SessionTable table, int key, int born)
    {
        var nodes = table.Nodes;
        for (var node = table.HeadOf(key); node >= 0; node = nodes.NextOf(node))
        {
            if (nodes.MarkOf(node) == SessionMark.Removed && nodes.StartOf(node) == nodes.StartOf(born)
                && nodes.EndOf(node) == nodes.EndOf(born))
                return node;
        }

        return -1;
    }

    private static bool IsReplaced(List<SessionChange> changes, int from, int to, int node)
    {
        for (var i = from; i < to; i++)
        {
            if (changes[i].Before == node)
                return true;
        }

        return false;
    }
}

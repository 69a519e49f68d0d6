namespace StreamSQL.ConformanceTests.Differential.Sql;

/// <summary>Makes a statement smaller while it still shows what it showed.</summary>
internal static class Shrinker
{
    /// <summary>Tries smaller statements, at most so many, and keeps those that <paramref name="stillShows"/> accepts.</summary>
    public static async Task<SqlNode> ShrinkAsync(SqlNode statement, int tries, Func<SqlNode, Task<bool>> stillShows)
    {
        for (var progress = true; progress;)
        {
            progress = false;
            foreach (var smaller in Smaller(statement).ToList())
            {
                if (tries-- <= 0)
                    return statement;
                if (!await stillShows(smaller))
                    continue;
                statement = smaller;
                progress = true;
                break;
            }
        }

        return statement;
    }

    /// <summary>The tree with one change, large pieces first.</summary>
    private static IEnumerable<SqlNode> Smaller(SqlNode node)
    {
        foreach (var replacement in Replacements(node))
            yield return replacement;
        if (node.List is not null && node.Parts.Count > node.Least)
        {
            if (node.Least == 0 && node.Parts.Count > 1)
                yield return node with { Parts = [] };
            for (var i = 0; i < node.Parts.Count; i++)
                yield return node with { Parts = [.. node.Parts.Where((_, index) => index != i)] };
        }

        for (var i = 0; i < node.Parts.Count; i++)
        {
            foreach (var part in Smaller(node.Parts[i]))
                yield return node with { Parts = [.. node.Parts.Select((old, index) => index == i ? part : old)] };
        }
    }

    private static IEnumerable<SqlNode> Replacements(SqlNode node)
    {
        if (node.Kind is null)
            yield break;
        foreach (var inner in Nearest(node, node.Kind))
            yield return inner;
        if (node.Simplest is { } simplest && (node.Parts.Count > 0 || node.Text.Length > simplest.Length || node.Parameter is not null))
            yield return new SqlNode(node.Kind, [], simplest, simplest);
    }

    /// <summary>The nearest parts of a kind below a node.</summary>
    private static IEnumerable<SqlNode> Nearest(SqlNode node, string kind)
    {
        foreach (var part in node.Parts)
        {
            if (part.Kind == kind)
                yield return part;
            foreach (var deeper in part.Kind == kind ? [] : Nearest(part, kind))
                yield return deeper;
        }
    }
}

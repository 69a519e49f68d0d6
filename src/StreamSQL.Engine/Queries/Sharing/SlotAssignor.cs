using System.Text;

namespace StreamSQL.Engine.Queries.Sharing;

/// <summary>
/// Divides the commit groups of a query among the engines of its consumer group. Whoever holds one keeps it while it is not over its share;
/// one that is held is never given to another: first its holder is told nothing of it and gives it back, then, in the next generation, it
/// is given on (incremental cooperative rebalancing, KIP-429). A member that knows the query as it was before gets nothing.
/// </summary>
internal static class SlotAssignor
{
    private const ulong HashStart = 14695981039346656037;
    private const ulong HashFactor = 1099511628211;

    /// <summary>The commit groups of each member.</summary>
    /// <param name="queryId">The query: where shares cannot be equal, queries differ in who has the larger one.</param>
    /// <param name="members">The members by id.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<int>> Divide(
        string queryId, IReadOnlyList<KeyValuePair<string, ShareMember>> members)
    {
        var shares = members.ToDictionary(static member => member.Key, static _ => new List<int>(), StringComparer.Ordinal);
        if (members.Count > 0)
            Fill(queryId, members, shares);
        return shares.ToDictionary(
            static share => share.Key, static share => (IReadOnlyList<int>)[.. share.Value.Order()], StringComparer.Ordinal);
    }

    private static void Fill(
        string queryId, IReadOnlyList<KeyValuePair<string, ShareMember>> members, Dictionary<string, List<int>> shares)
    {
        var version = members.Max(static member => member.Value.Version);
        var current = members.Where(member => member.Value.Version == version)
            .OrderBy(member => Hash(queryId, member.Value.Engine)).ThenBy(static member => member.Key, StringComparer.Ordinal).ToArray();
        var slots = current[0].Value.Slots;
        var holders = new int[slots];
        foreach (var slot in members.SelectMany(static member => member.Value.Held).Where(slot => (uint)slot < (uint)slots))
            holders[slot]++;

        var free = new Queue<int>(Enumerable.Range(0, slots).Where(slot => holders[slot] == 0));
        for (var i = 0; i < current.Length; i++)
        {
            var share = shares[current[i].Key];
            var size = (slots / current.Length) + (i < slots % current.Length ? 1 : 0);
            foreach (var slot in current[i].Value.Held.Order())
            {
                if ((uint)slot < (uint)slots && holders[slot] == 1 && share.Count < size)
                    share.Add(slot);
            }

            while (share.Count < size && free.TryDequeue(out var next))
                share.Add(next);
        }
    }

    private static ulong Hash(string queryId, Guid engine)
    {
        var hash = HashStart;
        foreach (var value in Encoding.UTF8.GetBytes(queryId).Concat(engine.ToByteArray()))
            hash = (hash ^ value) * HashFactor;
        return hash ^ (hash >> 32);
    }
}

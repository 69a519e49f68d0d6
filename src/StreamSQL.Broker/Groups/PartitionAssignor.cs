namespace StreamSQL.Broker.Groups;

/// <summary>A member as an assignor sees it.</summary>
/// <param name="Id">The member.</param>
/// <param name="Topics">The topics that it subscribes to, those only that exist.</param>
/// <param name="Previous">What it was to have before.</param>
internal sealed record AssignableMember(string Id, IReadOnlySet<Guid> Topics, IReadOnlyCollection<TopicIdPartition> Previous);

/// <summary>The server-side assignors of KIP-848: pure functions from members and topics to who shall have what.</summary>
internal static class PartitionAssignor
{
    /// <summary>Balanced over all topics together; moves as little as it can.</summary>
    public const string Uniform = "uniform";

    /// <summary>Neighbouring partitions of each topic together, so that topics with equally many partitions are shared out alike.</summary>
    public const string Range = "range";

    /// <summary>The assignor that is used when members do not name one.</summary>
    public const string Default = Uniform;

    /// <summary>Whether there is such an assignor.</summary>
    public static bool IsKnown(string name) => name is Uniform or Range;

    /// <summary>Shares the partitions out; every member has an entry.</summary>
    /// <param name="name">The assignor.</param>
    /// <param name="members">The members.</param>
    /// <param name="topics">The number of partitions of each topic that a member subscribes to.</param>
    public static Dictionary<string, HashSet<TopicIdPartition>> Assign(
        string name, IReadOnlyList<AssignableMember> members, IReadOnlyDictionary<Guid, int> topics)
    {
        List<AssignableMember> ordered = [.. members.OrderBy(static m => m.Id, StringComparer.Ordinal)];
        return name == Range ? AssignRanges(ordered, topics) : AssignUniformly(ordered, topics);
    }

    private static Dictionary<string, HashSet<TopicIdPartition>> AssignRanges(
        List<AssignableMember> members, IReadOnlyDictionary<Guid, int> topics)
    {
        var assigned = members.ToDictionary(static m => m.Id, static _ => new HashSet<TopicIdPartition>());
        foreach ((Guid topic, int count) in topics)
        {
            List<AssignableMember> readers = members.FindAll(m => m.Topics.Contains(topic));
            int next = 0;
            for (int i = 0; i < readers.Count; i++)
            {
                int share = (count / readers.Count) + (i < count % readers.Count ? 1 : 0);
                for (int end = next + share; next < end; next++)
                    assigned[readers[i].Id].Add(new TopicIdPartition(topic, next));
            }
        }
        return assigned;
    }

    private static Dictionary<string, HashSet<TopicIdPartition>> AssignUniformly(
        List<AssignableMember> members, IReadOnlyDictionary<Guid, int> topics)
    {
        var sets = new HashSet<TopicIdPartition>[members.Count];
        var owners = new Dictionary<TopicIdPartition, int>();
        for (int i = 0; i < sets.Length; i++)
        {
            sets[i] = [];
            foreach (TopicIdPartition held in members[i].Previous)
            {
                bool isValid = members[i].Topics.Contains(held.TopicId) && topics.TryGetValue(held.TopicId, out int count)
                    && held.Partition < count;
                if (isValid && owners.TryAdd(held, i))
                    sets[i].Add(held);
            }
        }
        // Topics that few read first: those that many read then even out the loads.
        var readers = topics.Keys.ToDictionary(static t => t, t => Readers(members, t));
        List<Guid> order = [.. topics.Keys.OrderBy(t => readers[t].Length).ThenBy(static t => t)];
        foreach (Guid topic in order)
        {
            for (int partition = 0; partition < topics[topic] && readers[topic].Length > 0; partition++)
            {
                var free = new TopicIdPartition(topic, partition);
                int least = LeastLoaded(readers[topic], sets);
                if (owners.TryAdd(free, least))
                    sets[least].Add(free);
            }
        }
        Balance(order, topics, readers, sets, owners);
        var assigned = new Dictionary<string, HashSet<TopicIdPartition>>();
        for (int i = 0; i < sets.Length; i++)
            assigned.Add(members[i].Id, sets[i]);
        return assigned;
    }

    // Moves partitions while one member has two more than another that could take one. Each move makes the loads more even, so it ends.
    private static void Balance(
        List<Guid> order, IReadOnlyDictionary<Guid, int> topics, Dictionary<Guid, int[]> readers, HashSet<TopicIdPartition>[] sets,
        Dictionary<TopicIdPartition, int> owners)
    {
        bool hasMoved = true;
        while (hasMoved)
        {
            hasMoved = false;
            foreach (Guid topic in order)
            {
                for (int partition = 0; partition < topics[topic] && readers[topic].Length > 1; partition++)
                {
                    var candidate = new TopicIdPartition(topic, partition);
                    int from = owners[candidate];
                    int to = LeastLoaded(readers[topic], sets);
                    if (sets[from].Count - sets[to].Count < 2)
                        continue;
                    sets[from].Remove(candidate);
                    sets[to].Add(candidate);
                    owners[candidate] = to;
                    hasMoved = true;
                }
            }
        }
    }

    private static int[] Readers(List<AssignableMember> members, Guid topic)
    {
        var readers = new List<int>();
        for (int i = 0; i < members.Count; i++)
        {
            if (members[i].Topics.Contains(topic))
                readers.Add(i);
        }
        return [.. readers];
    }

    private static int LeastLoaded(int[] readers, HashSet<TopicIdPartition>[] sets)
    {
        int least = readers[0];
        foreach (int reader in readers)
        {
            if (sets[reader].Count < sets[least].Count)
                least = reader;
        }
        return least;
    }
}

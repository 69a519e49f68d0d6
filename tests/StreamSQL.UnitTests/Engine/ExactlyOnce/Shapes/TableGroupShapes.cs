namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>
/// An aggregate over a table: a row that changes leaves its old group before it comes to its new one, and the two are two steps.
/// </summary>
internal sealed class TableGroupShape() : TableShape("table_groups")
{
    public override string Statements => $"""
        CREATE TABLE table_groups WITH (KAFKA_TOPIC = 'table_groups') AS SELECT g, {SourceParts.Expressions(InputTopic.People)} FROM people GROUP BY g EMIT CHANGES
        """;

    public override string Query => "SELECT g, n0, s0, n1, s1, n2, s2 FROM table_groups WHERE n0 + n1 + n2 > 0";

    protected override IReadOnlyList<string> Columns => SourceParts.Columns(InputTopic.People);

    protected override IReadOnlyList<IReadOnlyList<ResultEvent>> Events(RunResult run) =>
        [.. run.History.Of(InputTopic.People)
            .Select(static rows => GroupMoves.Events(
                rows.Select(static row => (row.Key, row.IsTombstone ? null : row.Group, (long)row.Value))))];

    protected override IEnumerable<(int Part, string? Value)> Split(string? row) => SourceParts.Split(row, InputTopic.People.Partitions);

    protected override string? Join(IReadOnlyList<string?> parts) => SourceParts.Join(parts);
}

/// <summary>Counts and sums of groups whose members come, change and go.</summary>
internal static class GroupMoves
{
    /// <summary>What the changes of some keys do to the groups; a key without a group has no row.</summary>
    public static List<ResultEvent> Events(IEnumerable<(string Key, string? Group, long Value)> changes)
    {
        var members = new Dictionary<string, (string Group, long Value)>();
        var groups = new Dictionary<string, (long Count, long Sum)>();
        var events = new List<ResultEvent>();
        foreach (var (key, group, value) in changes)
        {
            var isMember = members.Remove(key, out var before);
            if (isMember && before.Group == group)
            {
                Add(group, 0, value - before.Value);
            }
            else
            {
                if (isMember)
                    Add(before.Group, -1, -before.Value);
                if (group is not null)
                    Add(group, 1, value);
            }

            if (group is not null)
                members.Add(key, (group, value));
        }

        return events;

        void Add(string group, long count, long sum)
        {
            var (oldCount, oldSum) = groups.GetValueOrDefault(group);
            groups[group] = (oldCount + count, oldSum + sum);
            events.Add(new ResultEvent([(group, SourceParts.Part(oldCount + count, oldSum + sum))]));
        }
    }
}

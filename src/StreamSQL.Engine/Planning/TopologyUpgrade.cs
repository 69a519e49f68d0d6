using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>What a query that takes the place of another can go on with.</summary>
internal static class TopologyUpgrade
{
    /// <summary>None.</summary>
    public static IReadOnlySet<string> NoTopics { get; } = new HashSet<string>();

    /// <summary>
    /// The internal topics whose records mean the same to both: not the state of a source table of which other columns are wanted.
    /// </summary>
    public static IReadOnlySet<string> KeptTopics(QueryTopology before, QueryTopology after)
    {
        var kept = after.InternalTopics().Select(static topic => topic.Topic).ToHashSet(StringComparer.Ordinal);
        foreach (var (old, @new) in before.Stages.Zip(after.Stages))
        {
            foreach (var (i, (was, now)) in old.Inputs.Zip(@new.Inputs).Index())
            {
                if (!SameColumns(was, now))
                    kept.Remove(InternalTopics.Changelog(before.QueryId, StageStates.Source(old.Number, i)));
            }
        }

        return kept;
    }

    /// <summary>Refuses what would be wrong for rows that are there already or under way.</summary>
    /// <exception cref="SqlException">0A000: the change cannot be made while the query goes on.</exception>
    public static void Check(QueryTopology before, QueryTopology after)
    {
        foreach (var (old, @new) in before.Stages.Zip(after.Stages))
        {
            if (old.Inputs.Count == @new.Inputs.Count
                && old.Inputs.Zip(@new.Inputs).All(static pair => SameColumns(pair.First, pair.Second)))
                continue;
            if (old.Inputs.Any(static input => input is RepartitionInput))
                throw Refuse("rows between its stages would have other columns");
            var keepsRows = old.Inputs.Any(static input => input.Schema.Kind == RelationKind.Table)
                && old.Nodes.Concat(@new.Nodes).Any(static node => node.Plan is LogicalFilter or LogicalAggregate);
            if (old.Inputs.Count > 1 || @new.Inputs.Count > 1 || keepsRows)
                throw Refuse("it keeps rows of which other columns would be wanted");
        }
    }

    private static bool SameColumns(StageInput old, StageInput @new) => old.Schema.Columns.SequenceEqual(@new.Schema.Columns);

    private static SqlException Refuse(string reason) =>
        new(PostgresErrorCodes.FeatureNotSupported, $"Upgrades not yet supported for this change: {reason}",
            "DROP it and create it again.");
}

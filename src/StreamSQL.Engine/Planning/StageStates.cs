using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>
/// The ids of a stage's states. They are part of changelogs' names, so they follow from the plan alone; only nodes that may have a state
/// are numbered, so that a filter more or less changes no id.
/// </summary>
internal static class StageStates
{
    /// <summary>The state of a node.</summary>
    public static string Node(Stage stage, int node) => $"{stage.Number}-{NumberOf(stage, node)}-state";

    /// <summary>What a join keeps of one side.</summary>
    public static string Side(Stage stage, int node, int port) =>
        $"{stage.Number}-{NumberOf(stage, node)}-{(port == 0 ? "left" : "right")}";

    /// <summary>The rows of a source that is a table.</summary>
    public static string Source(int stage, int input) => input == 0 ? $"{stage}-source" : $"{stage}-source-{input}";

    /// <summary>The map of producers' clocks of an input behind a repartition.</summary>
    public static string Times(int stage, int input) => input == 0 ? $"{stage}-times" : $"{stage}-times-{input}";

    /// <summary>All of a stage.</summary>
    public static IReadOnlyList<string> Of(Stage stage)
    {
        var (number, inputs, ids) = (stage.Number, stage.Inputs, new List<string>());
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is RepartitionInput { Producers: > 0 })
                ids.Add(Times(number, i));
            else if (inputs[i] is SourceInput { Schema.Kind: RelationKind.Table })
                ids.Add(Source(number, i));
        }

        for (var i = 0; i < stage.Nodes.Count; i++)
        {
            switch (stage.Nodes[i].Plan)
            {
                case LogicalAggregate:
                    ids.Add(Node(stage, i));
                    break;
                case ForeignKeySend when !IsFromSource(inputs, new(i, 0)):
                    ids.Add(Side(stage, i, 0));
                    break;
                case ForeignKeyLookup:
                    ids.Add(Node(stage, i));
                    if (!IsFromSource(inputs, new(i, 1)))
                        ids.Add(Side(stage, i, 1));
                    break;
                case ForeignKeyResolve when NeedsOldRows(stage, stage.Nodes[i].Target):
                    ids.Add(Node(stage, i));
                    break;
                case LogicalJoin join when !IsLookup(join):
                    ids.AddRange(Enumerable.Range(0, 2).Where(port => KeepsSide(inputs, join, i, port))
                        .Select(port => Side(stage, i, port)));
                    break;
            }
        }

        return ids;
    }

    /// <summary>Whether something that rows come to has to tell a row that stopped passing, or undo it under another key.</summary>
    public static bool NeedsOldRows(Stage stage, NodeTarget target)
    {
        if (target.Node < 0)
            return stage.Outputs[~target.Node] is RepartitionOutput;
        var (plan, next) = (stage.Nodes[target.Node].Plan, stage.Nodes[target.Node].Target);
        return plan switch
        {
            LogicalFilter or LogicalAggregate or ForeignKeySend => true,
            LogicalJoin join when KeepsSide(stage.Inputs, join, target.Node, target.Port) => false,
            ForeignKeyLookup => false,
            _ => NeedsOldRows(stage, next),
        };
    }

    /// <summary>Whether a join looks rows up in a table that others keep: then it has one input only.</summary>
    public static bool IsLookup(LogicalJoin join) => join.Left.Schema.Kind == RelationKind.Stream
        && join.Right.Schema.Kind == RelationKind.Table;

    /// <summary>Whether a join has a state of its own for a side; a table that comes from its topic is kept where it is read.</summary>
    public static bool KeepsSide(IReadOnlyList<StageInput> inputs, LogicalJoin join, int node, int port) =>
        join.Left.Schema.Kind == RelationKind.Stream || !IsFromSource(inputs, new NodeTarget(node, port));

    /// <summary>Whether a source feeds a node with nothing between.</summary>
    public static bool IsFromSource(IReadOnlyList<StageInput> inputs, NodeTarget target) =>
        inputs.Any(input => input is SourceInput && input.Target == target);

    private static int NumberOf(Stage stage, int node) =>
        stage.Nodes.Take(node).Count(static below =>
            below.Plan is not (LogicalFilter or LogicalProject or LogicalRekey or LogicalExpand or LogicalLimit));
}

using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>A stage while it grows: a tree with one loose end, and what is known of the rows there.</summary>
internal sealed class StageBuilder
{
    private readonly List<StageInput> _inputs = [];
    private readonly List<StageNode> _nodes = [];
    private readonly List<StageOutput> _sideOutputs = [];

    // What feeds the loose end: a node, or an input where there is no node yet.
    private int _lastNode = -1;

    /// <summary>Begins a stage at an input.</summary>
    public StageBuilder(StageInput input, string name, int partitions)
    {
        _inputs.Add(input);
        Name = name;
        Partitions = partitions;
        Schema = input.Schema;
    }

    /// <summary>The first source, for messages.</summary>
    public string Name { get; }

    /// <summary>Partitions of the inputs.</summary>
    public int Partitions { get; }

    /// <summary>The columns at the loose end.</summary>
    public PlanSchema Schema { get; private set; }

    /// <summary>
    /// The columns that the rows are partitioned by: for each part of the key, all columns that hold
    /// it. Null when the rows are not where their key says.
    /// </summary>
    public IReadOnlyList<int[]>? PartitionedBy { get; set; }

    /// <summary>The source whose keys' bytes the partitioning hashes; null for the engine's own bytes.</summary>
    public SourceDefinition? KeyOf { get; set; }

    /// <summary>Whether rows of several inputs are taken in the order of their times.</summary>
    public bool MergesByTime { get; set; } = true;

    /// <summary>The topics that are read.</summary>
    public IReadOnlyList<string> Topics => [.. _inputs.Select(static input => input.Topic)];

    /// <summary>Adds an operation at the loose end.</summary>
    public void Add(LogicalPlan node)
    {
        LinkEnd(new NodeTarget(_nodes.Count, 0));
        AddLast(node);
    }

    /// <summary>Takes another stage in: a join of both loose ends, this one on the left.</summary>
    public void Join(StageBuilder right, LogicalPlan join)
    {
        var (inputs, nodes) = (_inputs.Count, _nodes.Count);
        foreach (var input in right._inputs)
            _inputs.Add(input with { Target = Shift(input.Target, nodes) });
        foreach (var node in right._nodes)
            _nodes.Add(node with { Target = Shift(node.Target, nodes) });
        var target = _nodes.Count;
        Link(_lastNode, 0, new NodeTarget(target, 0));
        Link(right._lastNode < 0 ? right._lastNode : right._lastNode + nodes, inputs, new NodeTarget(target, 1));
        AddLast(join);
    }

    /// <summary>
    /// Lets the rows go to another stage and come back: an operation that feeds a second output, and
    /// one that takes what comes back and is the loose end then.
    /// </summary>
    public void AddDetour(LogicalPlan outward, StageOutput output, StageInput back, LogicalPlan inward)
    {
        LinkEnd(new NodeTarget(_nodes.Count, 0));
        _sideOutputs.Add(output);
        _nodes.Add(new StageNode(outward, NodeTarget.Output(_sideOutputs.Count)));
        _inputs.Add(back with { Target = new NodeTarget(_nodes.Count, 0) });
        AddLast(inward);
        MergesByTime = false;
    }

    /// <summary>The stage as it is.</summary>
    public Stage Build(int number, StageOutput output) =>
        new(number, Partitions, _inputs.ToArray(), _nodes.ToArray(), [output, .. _sideOutputs])
    {
        MergesByTime = MergesByTime,
    };

    private static NodeTarget Shift(NodeTarget target, int by) => target.Node < 0 ? target : target with { Node = target.Node + by };

    private void AddLast(LogicalPlan node)
    {
        _lastNode = _nodes.Count;
        _nodes.Add(new StageNode(node, NodeTarget.Output(0)));
        Schema = node.Schema;
    }

    private void LinkEnd(NodeTarget target) => Link(_lastNode, 0, target);

    private void Link(int node, int input, NodeTarget target)
    {
        if (node < 0)
            _inputs[input] = _inputs[input] with { Target = target };
        else
            _nodes[node] = _nodes[node] with { Target = target };
    }
}

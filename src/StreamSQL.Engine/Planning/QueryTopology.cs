using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>
/// The physical plan of a continuous query: its stages in the order of the data. Made anew from the logical plan at every start.
/// </summary>
/// <param name="QueryId">The query.</param>
/// <param name="Stages">The stages; each comes after those whose repartition topics it reads.</param>
/// <param name="View">How a bounded read sees the result in the last stage's state; null when the query has no such state.</param>
internal sealed record QueryTopology(string QueryId, IReadOnlyList<Stage> Stages, StateView? View)
{
    /// <summary>The topology of a query that cannot be planned.</summary>
    public static QueryTopology None(string queryId) => new(queryId, [], null);

    /// <summary>Every topic that belongs to the query itself, with its partitions and configs.</summary>
    public IEnumerable<(string Topic, int Partitions, IReadOnlyDictionary<string, string> Configs)> InternalTopics()
    {
        foreach (var stage in Stages)
        {
            foreach (var input in stage.Inputs.OfType<RepartitionInput>())
                yield return (input.Topic, stage.Partitions, Planning.InternalTopics.RepartitionConfigs);
            foreach (var state in stage.StateIds)
                yield return (Planning.InternalTopics.Changelog(QueryId, state), stage.Partitions,
                    Planning.InternalTopics.ChangelogConfigs);
        }
    }
}

/// <summary>A part of a query that runs without moving rows between partitions; one task per partition.</summary>
/// <param name="Number">From 0, in the order of the data.</param>
/// <param name="Partitions">Partitions of its inputs, hence its tasks.</param>
/// <param name="Inputs">What it reads: the leaves of its tree, left to right.</param>
/// <param name="Nodes">Its operations, each after those that feed it.</param>
/// <param name="Outputs">Where it writes: one place, but for the first stage of a foreign-key join.</param>
internal sealed record Stage(
    int Number, int Partitions, IReadOnlyList<StageInput> Inputs, IReadOnlyList<StageNode> Nodes, IReadOnlyList<StageOutput> Outputs)
{
    /// <summary>Whether rows of several inputs are taken in the order of their times; if not, as they come.</summary>
    public bool MergesByTime { get; init; } = true;

    /// <summary>Ids of its states that have a changelog.</summary>
    public IReadOnlyList<string> StateIds => StageStates.Of(this);
}

/// <summary>An operation of a stage.</summary>
/// <param name="Plan">The operation.</param>
/// <param name="Target">Where its results go.</param>
internal sealed record StageNode(LogicalPlan Plan, NodeTarget Target);

/// <summary>Where rows go within a stage.</summary>
/// <param name="Node">The index of the node; below 0 for an output.</param>
/// <param name="Port">The side of a node with two inputs: 0 is left.</param>
internal readonly record struct NodeTarget(int Node, int Port)
{
    /// <summary>An output of the stage.</summary>
    public static NodeTarget Output(int index) => new(~index, 0);
}

/// <summary>What a stage reads.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Schema">Its rows' columns.</param>
/// <param name="Target">Where its rows go.</param>
internal abstract record StageInput(string Topic, PlanSchema Schema, NodeTarget Target);

/// <summary>A stream's or table's topic.</summary>
internal sealed record SourceInput(SourceDefinition Source, IReadOnlyList<int> Columns, PlanSchema Schema, NodeTarget Target)
    : StageInput(Source.Topic, Schema, Target);

/// <summary>A repartition topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Schema">Its rows' columns.</param>
/// <param name="WithOld">Whether changes carry old rows.</param>
/// <param name="ProducersSources">The topics that the producing stage reads.</param>
/// <param name="Producers">Tasks of the producing stage that tell their time; none where time does not matter.</param>
/// <param name="Target">Where its rows go.</param>
internal sealed record RepartitionInput(
    string Topic, PlanSchema Schema, bool WithOld, IReadOnlyList<string> ProducersSources, int Producers, NodeTarget Target)
    : StageInput(Topic, Schema, Target);

/// <summary>Where a stage writes.</summary>
internal abstract record StageOutput;

/// <summary>The query's result.</summary>
/// <param name="Schema">Its rows' columns.</param>
/// <param name="HasSourceKeys">Whether keys are those of the source's records: where all columns of one are null, there was none.</param>
internal sealed record ResultOutput(PlanSchema Schema, bool HasSourceKeys = false) : StageOutput;

/// <summary>The next stage.</summary>
/// <param name="Topic">The repartition topic.</param>
/// <param name="Partitions">Its partitions.</param>
/// <param name="Keys">The key that decides the partition.</param>
/// <param name="DropsNullKeys">Whether rows with a null in the key are left out.</param>
/// <param name="KeyOf">The source whose keys' bytes decide the partition, so that rows meet its rows; null where any bytes do.</param>
internal sealed record RepartitionOutput(
    string Topic, int Partitions, IReadOnlyList<BoundExpression> Keys, bool DropsNullKeys, SourceDefinition? KeyOf) : StageOutput
{
    /// <summary>
    /// Whether the tasks tell their time. Two stages that feed each other do not: each telling would be something new to tell.
    /// </summary>
    public bool TellsTime { get; init; } = true;
}

/// <summary>
/// A table as the rows of an aggregate's state with stateless operations above: what a bounded read of the query's result runs.
/// </summary>
/// <param name="Aggregate">The index of the aggregate among the last stage's nodes.</param>
/// <param name="Operations">The filters and projections above it, bottom first.</param>
internal sealed record StateView(int Aggregate, IReadOnlyList<LogicalPlan> Operations);

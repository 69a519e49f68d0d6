using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>The physical plan of a continuous query: its stages in the order of the data. Made anew from the logical plan at every start.</summary>
/// <param name="QueryId">The query.</param>
/// <param name="Stages">The stages; each after the first reads what the one before it repartitions.</param>
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
            if (stage.Input is RepartitionInput repartition)
                yield return (repartition.Topic, stage.Partitions, Planning.InternalTopics.RepartitionConfigs);
            foreach (var state in stage.StateIds)
                yield return (Planning.InternalTopics.Changelog(QueryId, state), stage.Partitions, Planning.InternalTopics.ChangelogConfigs);
        }
    }
}

/// <summary>A part of a query that runs without moving rows between partitions; one task per partition.</summary>
/// <param name="Number">From 0, in the order of the data.</param>
/// <param name="Partitions">Partitions of its input, hence its tasks.</param>
/// <param name="Input">What it reads.</param>
/// <param name="Nodes">Its operations, bottom first: filters, projections, rekeys, aggregates, stream-table joins.</param>
/// <param name="Output">Where it writes.</param>
/// <param name="StateIds">Ids of its states that have a changelog.</param>
internal sealed record Stage(
    int Number, int Partitions, StageInput Input, IReadOnlyList<LogicalPlan> Nodes, StageOutput Output, IReadOnlyList<string> StateIds)
{
    /// <summary>The id of the state of the node at an index.</summary>
    public string StateId(int node) => $"{Number}-{node}-state";

    /// <summary>The id of the state of a source that is a table.</summary>
    public string SourceStateId => $"{Number}-source";

    /// <summary>The id of the map of producers' clocks.</summary>
    public string TimesId => $"{Number}-times";
}

/// <summary>What a stage reads.</summary>
internal abstract record StageInput(string Topic, PlanSchema Schema);

/// <summary>A stream's or table's topic.</summary>
internal sealed record SourceInput(SourceDefinition Source, IReadOnlyList<int> Columns, PlanSchema Schema) : StageInput(Source.Topic, Schema);

/// <summary>A repartition topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Schema">Its rows' columns.</param>
/// <param name="WithOld">Whether changes carry old rows.</param>
/// <param name="ProducersSource">The topic that the producing stage reads.</param>
/// <param name="Producers">Tasks of the producing stage.</param>
internal sealed record RepartitionInput(string Topic, PlanSchema Schema, bool WithOld, string ProducersSource, int Producers) : StageInput(Topic, Schema);

/// <summary>Where a stage writes.</summary>
internal abstract record StageOutput;

/// <summary>The query's result.</summary>
internal sealed record ResultOutput(PlanSchema Schema) : StageOutput;

/// <summary>The next stage.</summary>
/// <param name="Topic">The repartition topic.</param>
/// <param name="Partitions">Its partitions.</param>
/// <param name="Keys">The key that decides the partition.</param>
/// <param name="DropsNullKeys">Whether rows with a null in the key are left out.</param>
/// <param name="KeyOf">The table whose keys' bytes decide the partition, so that rows meet its rows; null where any bytes do.</param>
internal sealed record RepartitionOutput(
    string Topic, int Partitions, IReadOnlyList<BoundExpression> Keys, bool DropsNullKeys, SourceDefinition? KeyOf) : StageOutput;

/// <summary>A table as the rows of an aggregate's state with stateless operations above: what a bounded read of the query's result runs.</summary>
/// <param name="Aggregate">The index of the aggregate among the last stage's nodes.</param>
/// <param name="Operations">The filters and projections above it, bottom first.</param>
internal sealed record StateView(int Aggregate, IReadOnlyList<LogicalPlan> Operations);

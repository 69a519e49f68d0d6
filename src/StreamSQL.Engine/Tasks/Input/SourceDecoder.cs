using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>Decodes the records of a stream's or table's topic for one consumer, only the wanted columns.</summary>
internal sealed class SourceDecoder : InputDecoder
{
    private readonly SourceView _view;
    private readonly SourceColumns _columns;

    /// <summary>Creates a decoder.</summary>
    /// <param name="source">The stream or table.</param>
    /// <param name="columns">Indexes into its columns that are wanted, ascending.</param>
    /// <param name="schema">The batch's schema: those columns, with window bounds after the keys of a windowed source.</param>
    /// <param name="partition">What is read, for messages.</param>
    /// <param name="counters">Where bad rows are counted.</param>
    /// <param name="environment">The registry of schemas, and where bad rows are logged.</param>
    public SourceDecoder(
        SourceDefinition source, IReadOnlyList<int> columns, PlanSchema schema, TopicPartition partition, QueryCounters counters,
        TaskEnvironment environment)
        : this(source, new SourceView(source, columns, schema, partition, counters, environment.Logger), partition, environment)
    {
    }

    /// <summary>Creates a decoder for what a view wants.</summary>
    /// <param name="source">The stream or table.</param>
    /// <param name="view">What is wanted of it.</param>
    /// <param name="partition">What is read.</param>
    /// <param name="environment">The registry of schemas.</param>
    public SourceDecoder(SourceDefinition source, SourceView view, TopicPartition partition, TaskEnvironment environment)
    {
        _view = view;
        _columns = new SourceColumns(source, _view.Wanted, partition.Partition, isolatesErrors: false, environment.Schemas);
    }

    /// <inheritdoc/>
    public override ChangeBatch? Decode(RecordRun run)
    {
        if (run.Count == 0)
            return null;
        _columns.Decode(run);
        return _view.Show(_columns);
    }
}

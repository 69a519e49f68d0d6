using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>Where a push query begins, and what it tells besides its rows.</summary>
/// <param name="FromLatest">Whether it begins at the present ends of its topics; else at their beginnings.</param>
/// <param name="Options">What stands behind EMIT CHANGES.</param>
internal sealed record PushStart(bool FromLatest, PushOptions Options)
{
    /// <summary>How often it tells how far it is; null for not at all.</summary>
    public TimeSpan? Progress => Options.ProgressMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    /// <summary>Refuses what a plan cannot do.</summary>
    /// <exception cref="SqlException">0A000.</exception>
    public void Check(PushPlan plan)
    {
        if (Options.Snapshot && !plan.IsJoin && plan.Source.Schema.Kind != RelationKind.Table)
            throw Unsupported("SNAPSHOT is for tables", "SET 'auto.offset.reset' = 'earliest' begins with the first record of a stream.");
        if ((Options.Snapshot || Options.AsOf is not null) && !plan.IsStateless)
        {
            throw Unsupported(
                $"{(Options.Snapshot ? "SNAPSHOT" : "AS OF")} is not supported with aggregates and joins",
                "Let CREATE TABLE ... AS or CREATE STREAM ... AS keep the result, and read that.");
        }
    }

    /// <summary>The position to go on from, by partition; -1 for one that it does not name. Null when none is given.</summary>
    /// <exception cref="SqlException">22023: it is no position; 22004: it is null.</exception>
    public long[]? Resumed(int partitions, OperatorContext context)
    {
        if (Options.AsOf is not { } position)
            return null;
        return ExpressionEvaluator.EvaluateConstant(position, context) is string text
            ? PushPosition.Parse(text, partitions, Options.Position)
            : throw new SqlException(PostgresErrorCodes.NullValueNotAllowed, "AS OF needs a position, and not NULL", position: Options.Position);
    }

    /// <summary>The offset to go on from in a partition.</summary>
    /// <exception cref="SqlException">72000: the records behind the position are gone; 22023: there never were any.</exception>
    public long Resume(TopicPartition partition, long offset, PartitionOffsets bounds)
    {
        if (offset < 0)
            return bounds.LogStart;
        if (offset < bounds.LogStart)
        {
            throw new SqlException(
                PostgresErrorCodes.SnapshotFailure, $"records behind offset {offset} of {partition} have been deleted: the first that is left has offset {bounds.LogStart}",
                "Begin anew, or let the topic keep its records longer (retention.ms).", Options.Position);
        }

        if (offset > bounds.HighWatermark)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue, $"offset {offset} of {partition} lies behind its end, {bounds.HighWatermark}",
                "The position is of another topic, or of one that was made anew.", Options.Position);
        }

        return offset;
    }

    private SqlException Unsupported(string message, string hint) => new(PostgresErrorCodes.FeatureNotSupported, message, hint, Options.Position);
}

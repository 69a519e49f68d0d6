using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>Where a push query begins, and what it tells besides its rows.</summary>
/// <param name="FromLatest">Whether it begins at the present ends of its topics; else at their beginnings.</param>
/// <param name="Options">What stands behind EMIT CHANGES.</param>
internal sealed record PushStart(bool FromLatest, PushOptions Options)
{
    /// <summary>Whether records that are deleted before they are read end the query; else the client is warned.</summary>
    public bool FailsOnLostRecords { get; init; } = true;

    /// <summary>How often it tells how far it is; null for not at all.</summary>
    public TimeSpan? Progress => Options.ProgressMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    /// <summary>Whether what has been there is where it starts, and not news.</summary>
    public bool LoadsSilently => FromLatest || Options.Snapshot || Options.AsOf is not null;

    /// <summary>Refuses what has no meaning for a plan.</summary>
    /// <exception cref="SqlException">0A000.</exception>
    public void Check(PushPlan plan)
    {
        if (Options.Snapshot && plan.Result.Kind != RelationKind.Table)
        {
            throw Unsupported(
                "SNAPSHOT is for results that are tables: rows of a stream stay, and none takes another's place",
                "SET 'auto.offset.reset' = 'earliest' begins with the first record of a stream.");
        }

        if (Options.Snapshot && plan.EmitsFinal)
        {
            throw Unsupported(
                "SNAPSHOT has no meaning with EMIT FINAL, which gives each row once, when its window has closed",
                "SET 'auto.offset.reset' = 'earliest' gives the rows of all windows that have closed.");
        }

        if (Options.AsOf is not null && !plan.IsStateless && (plan.ReadsTable || plan.LooksUp))
        {
            throw Unsupported(
                "AS OF has no meaning for aggregates and joins of tables: a table's topic keeps the newest row of a key only, "
                + "so what it held at the position is not known",
                "Begin anew WITH (SNAPSHOT = TRUE).");
        }
    }

    /// <summary>From where to where a plan reads.</summary>
    /// <exception cref="SqlException">22023: AS OF gives no position of it; 22004: it is null.</exception>
    public PushRanges Ranges(PushPlan plan, OperatorContext context)
    {
        if (Options.AsOf is not { } position)
            return new(this, plan, null);
        return ExpressionEvaluator.EvaluateConstant(position, context) is string text
            ? new(this, plan, PushPosition.Parse(text, plan.PartitionsByInput, Options.Position))
            : throw new SqlException(
                PostgresErrorCodes.NullValueNotAllowed, "AS OF needs a position, and not NULL", position: Options.Position);
    }

    private SqlException Unsupported(string message, string hint) =>
        new(PostgresErrorCodes.FeatureNotSupported, message, hint, Options.Position);
}

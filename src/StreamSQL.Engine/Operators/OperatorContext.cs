using StreamSQL.Data.Functions;
using StreamSQL.Engine.Expressions;

namespace StreamSQL.Engine.Operators;

/// <summary>What the operators of one task share.</summary>
public sealed class OperatorContext
{
    private TimeProvider? _time;
    private IReadOnlyList<object?> _parameters = [];

    /// <summary>The partition that the task works on.</summary>
    public required int Partition { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time
    {
        get => _time!;
        init => _time = value;
    }

    /// <summary>Whose rules hold.</summary>
    public required RuleSet Rules { get; init; }

    /// <summary>When changes are given out.</summary>
    public required EmissionMode Emission { get; init; }

    /// <summary>Where late rows, bad rows and failed expressions are counted.</summary>
    public required QueryCounters Counters { get; init; }

    /// <summary>What the task may hold in memory.</summary>
    public required MemoryBudget Budget { get; init; }

    /// <summary>
    /// True for a bounded SELECT: the first failed expression ends the query with its error. False for a persistent or push query: the
    /// failure is counted and the value is NULL.
    /// </summary>
    public required bool FailOnError { get; init; }

    /// <summary>Values of the statement's parameters, in the form of literals.</summary>
    public IReadOnlyList<object?> Parameters
    {
        get => _parameters;
        init => _parameters = value;
    }

    /// <summary>How often the query was run again: constants that were computed in an earlier run may be others now.</summary>
    internal long Run { get; private set; }

    /// <summary>Whether <c>ksql.compat</c> is on: ksqlDB's answers also where they lose rows.</summary>
    public bool KsqlCompat { get; init; }

    /// <summary>Runs the sub-queries that stand in expressions; null where none can.</summary>
    public SubqueryRunner? Subqueries { get; init; }

    /// <summary>The current rows of the enclosing queries, the next query out first (correlated sub-queries).</summary>
    public IReadOnlyList<OuterRow> OuterRows { get; init; } = [];

    /// <summary>The query is run again, with other values and at another time.</summary>
    internal void Restart(IReadOnlyList<object?> parameters, TimeProvider time)
    {
        _parameters = parameters;
        _time = time;
        Run++;
    }
}

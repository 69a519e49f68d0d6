using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>A scalar function or operator: name, documentation and, per argument types, the kernel that evaluates it.</summary>
public abstract class ScalarFunction
{
    /// <summary>Upper-case name, or the operator's symbol (<c>+</c>, <c>=</c>, <c>||</c>).</summary>
    public abstract string Name { get; }

    /// <summary>Documentation for SHOW FUNCTIONS, DESCRIBE FUNCTION and the manual.</summary>
    public abstract FunctionDoc Doc { get; }

    /// <summary>
    /// Finds the overload for the argument types (an untyped literal is <see cref="SqlType.Unknown"/>), or null when none fits.
    /// The caller casts each argument to its <see cref="ScalarBinding.ParameterTypes"/>.
    /// </summary>
    public abstract ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules);
}

/// <summary>A function bound to argument types.</summary>
/// <param name="ParameterTypes">The types that the kernel takes, one per argument.</param>
/// <param name="ResultType">The type of the result column.</param>
/// <param name="Kernel">Evaluates it.</param>
public sealed record ScalarBinding(IReadOnlyList<SqlType> ParameterTypes, SqlType ResultType, ScalarKernel Kernel)
{
    /// <summary>False when equal arguments can give different results (RANDOM, UUID, now): never folded to a constant.</summary>
    public bool IsDeterministic { get; init; } = true;

    /// <summary>
    /// True when the result depends on the session's zone or the present time: constant while a statement runs, not known before.
    /// </summary>
    public bool DependsOnSession { get; init; }
}

/// <summary>Documentation of a function: what it does, its signatures as text, and examples that are run as tests.</summary>
public sealed record FunctionDoc(string Category, string Description, IReadOnlyList<string> Signatures,
    IReadOnlyList<FunctionExample> Examples)
{
    /// <summary>
    /// The only rule set that has the function; null where both do. Many of what is PostgreSQL's alone have no examples yet.
    /// </summary>
    public RuleSet? Rules { get; init; }
}

/// <summary>An expression and the text of its value.</summary>
public sealed record FunctionExample(string Expression, string Result);

/// <summary>
/// Evaluates a function over columns. Stateless and thread-safe: one instance serves all queries. Results stand at the same rows as the
/// arguments; an argument may be constant (read row 0).
/// </summary>
public abstract class ScalarKernel
{
    /// <summary>
    /// Fills <paramref name="result"/> (already reset to the batch's row count) for the selected rows. A kernel decides itself about null
    /// arguments; the usual rule, null in null out, is in <see cref="StrictKernel"/>.
    /// </summary>
    public abstract void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result);
}

/// <summary>What a kernel may look at besides its arguments.</summary>
public readonly struct KernelContext
{
    /// <summary>Creates a context.</summary>
    public KernelContext(RowSelection rows, int rowCount, EvaluationErrors errors, TimeProvider time)
    {
        Rows = rows;
        RowCount = rowCount;
        Errors = errors;
        Time = time;
    }

    /// <summary>The rows to evaluate.</summary>
    public RowSelection Rows { get; }

    /// <summary>Rows in the batch, selected or not.</summary>
    public int RowCount { get; }

    /// <summary>Where a row's failure is reported; the row's result is then null.</summary>
    public EvaluationErrors Errors { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The same with other rows.</summary>
    public KernelContext With(RowSelection rows) => new(rows, RowCount, Errors, Time);
}

/// <summary>
/// The failures of one evaluation: how many, and the first one whole. Bounded SELECT throws the first; a persistent query counts and logs
/// them and goes on with NULL (ksqlDB's rule). Reused; no allocation while nothing fails.
/// </summary>
public sealed class EvaluationErrors
{
    private readonly List<int> _rows = [];

    /// <summary>Failures since <see cref="Clear"/>.</summary>
    public int Count => _rows.Count;

    /// <summary>The row of each failure, as reported: a row that failed twice is there twice.</summary>
    public IReadOnlyList<int> Rows => _rows;

    /// <summary>
    /// Failures since <see cref="Clear"/> that were settled: the value became NULL where it stood, and what is around it went on.
    /// </summary>
    public int SettledCount { get; private set; }

    /// <summary>The row that failed first.</summary>
    public int FirstRow => _rows[0];

    /// <summary>SQLSTATE of the first failure.</summary>
    public string FirstSqlState { get; private set; } = "";

    /// <summary>Message of the first failure.</summary>
    public string FirstMessage { get; private set; } = "";

    /// <summary>Whether the message of the next report would be kept: build it only then.</summary>
    public bool WantsMessage => Count == 0;

    /// <summary>Counts a failure.</summary>
    public void Report(int row, string sqlState, string message)
    {
        _rows.Add(row);
        if (_rows.Count > 1)
            return;
        FirstSqlState = sqlState;
        FirstMessage = message;
    }

    /// <summary>Makes the values NULL whose rows failed since there were so many failures, and counts these as settled.</summary>
    public void Settle(int since, Column values)
    {
        for (var i = since; i < _rows.Count; i++)
            values.SetNull(values.Physical(_rows[i]));
        SettledCount += _rows.Count - since;
        _rows.RemoveRange(since, _rows.Count - since);
    }

    /// <summary>Counts what was settled in an evaluation inside of this one.</summary>
    public void AddSettled(EvaluationErrors inner)
    {
        if (inner.SettledCount == 0)
            return;
        if (Count == 0)
            (FirstSqlState, FirstMessage) = (inner.FirstSqlState, inner.FirstMessage);
        SettledCount += inner.SettledCount;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _rows.Clear();
        SettledCount = 0;
    }
}

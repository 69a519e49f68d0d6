using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>A function that gives rows: name, documentation and, per argument types, the kernel that gives them.</summary>
public abstract class TableFunction
{
    /// <summary>Upper-case name.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Documentation for SHOW FUNCTIONS, DESCRIBE FUNCTION and the manual; the result of an example is the list of the values of its rows.
    /// </summary>
    public abstract FunctionDoc Doc { get; }

    /// <summary>Whether the name gives rows under the rules; there may be a scalar function of the name under the others.</summary>
    public virtual bool IsIn(RuleSet rules) => true;

    /// <summary>The name of its column in FROM; null where that is the alias, or the function's own name.</summary>
    public virtual string? ColumnName => null;

    /// <summary>Finds the overload for the argument types, or null when none fits.</summary>
    public abstract TableFunctionBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules);
}

/// <summary>A table function bound to argument types.</summary>
/// <param name="ParameterTypes">The types that the kernel takes, one per argument.</param>
/// <param name="ResultType">The type of the value of each row.</param>
/// <param name="Kernel">Gives the rows.</param>
public sealed record TableFunctionBinding(IReadOnlyList<SqlType> ParameterTypes, SqlType ResultType, TableFunctionKernel Kernel)
{
    /// <summary>
    /// A function of the arguments whose array the kernel takes instead of them, a row for each
    /// element; null where the kernel takes the arguments themselves.
    /// </summary>
    public ScalarBinding? List { get; init; }
}

/// <summary>
/// Tells how many rows the arguments of a row give, and fills in any of them: so the caller can stop
/// anywhere and go on from there. Stateless and thread-safe.
/// </summary>
public abstract class TableFunctionKernel
{
    /// <summary>The kernel for a statement with this clock; itself where that makes no difference.</summary>
    public virtual TableFunctionKernel In(TimeProvider time) => this;

    /// <summary>How many rows the arguments at <paramref name="row"/> give. One that fails is reported and gives none.</summary>
    public abstract long Count(ReadOnlySpan<Column> arguments, int row, EvaluationErrors errors);

    /// <summary>
    /// Makes row i of <paramref name="result"/> (reset to that many rows) the value number <c>ordinals[i]</c>, from 0, of the arguments at
    /// <c>rows[i]</c>; null where there are not so many.
    /// </summary>
    public abstract void Fill(ReadOnlySpan<Column> arguments, ReadOnlySpan<int> rows, ReadOnlySpan<long> ordinals, Column result);
}

/// <summary>A table function whose overload is computed from the argument types.</summary>
internal sealed class ComputedTableFunction(
    string name, string description, string[] signatures, (string Expression, string Result)[] examples,
    Func<IReadOnlyList<SqlType>, TableFunctionBinding?> bind)
    : TableFunction
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override FunctionDoc Doc => FunctionDocs.Create("Table", description, signatures, examples);

    /// <inheritdoc/>
    public override TableFunctionBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) => bind(arguments);
}

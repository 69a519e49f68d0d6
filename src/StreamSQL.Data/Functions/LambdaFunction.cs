using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>A function whose last arguments are lambdas: <c>TRANSFORM(items, x => x + 1)</c>.</summary>
public abstract class LambdaFunction
{
    /// <summary>Upper-case name.</summary>
    public abstract string Name { get; }

    /// <summary>Documentation for SHOW FUNCTIONS, DESCRIBE FUNCTION and the manual.</summary>
    public abstract FunctionDoc Doc { get; }

    /// <summary>The types of the parameters of each lambda for the types of the other arguments; null when they do not fit.</summary>
    /// <param name="arguments">The types of the arguments before the lambdas.</param>
    /// <param name="lambdas">How many lambdas follow.</param>
    public abstract IReadOnlyList<IReadOnlyList<SqlType>>? LambdaParameters(IReadOnlyList<SqlType> arguments, int lambdas);

    /// <summary>Finds the overload for the types of the other arguments and of the lambdas' bodies; null when none fits.</summary>
    public abstract LambdaBinding? Bind(IReadOnlyList<SqlType> arguments, IReadOnlyList<SqlType> bodies, RuleSet rules);
}

/// <summary>A lambda function bound to types.</summary>
/// <param name="ParameterTypes">The types that the kernel takes; where they are not those of the
/// arguments, the lambdas have to be bound anew.</param>
/// <param name="BodyTypes">The types that the lambdas have to give.</param>
/// <param name="ResultType">The type of the result.</param>
/// <param name="CreateKernel">Makes the kernel of one call; it holds columns that it works in.</param>
public sealed record LambdaBinding(
    IReadOnlyList<SqlType> ParameterTypes, IReadOnlyList<SqlType> BodyTypes, SqlType ResultType, Func<LambdaKernel> CreateKernel);

/// <summary>Evaluates a lambda function over columns. Owned by one call, not thread-safe.</summary>
public abstract class LambdaKernel
{
    /// <summary>Fills <paramref name="result"/> (already reset to the batch's row count) for the selected rows.</summary>
    public abstract void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, ReadOnlySpan<LambdaBody> bodies, Column result);
}

/// <summary>The body of a lambda, evaluated for many elements at once.</summary>
public abstract class LambdaBody
{
    /// <summary>
    /// The value for each element: the parameters are aligned by element, and element i sees the columns around the lambda at
    /// <c>rows[i]</c>, where its failure is reported too. Valid until the next call.
    /// </summary>
    public abstract Column Evaluate(ReadOnlySpan<Column> parameters, ReadOnlySpan<int> rows);
}

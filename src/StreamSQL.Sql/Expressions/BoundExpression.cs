using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Expressions;

/// <summary>An expression whose names and types are resolved. Immutable. The engine evaluates it over columns.</summary>
public abstract record BoundExpression(SqlType Type);

/// <summary>
/// A constant. The value's CLR type follows <see cref="SqlType.Physical"/>: bool, int, long, double, Int128 (unscaled), string for text
/// kinds, byte[] for BYTES, object?[] for ARRAY and STRUCT, KeyValuePair&lt;object, object?&gt;[] for MAP; null is SQL NULL.
/// </summary>
public sealed record BoundLiteral(object? Value, SqlType Type) : BoundExpression(Type);

/// <summary>A column of the input, by its index in the input's <see cref="PlanSchema"/>.</summary>
public sealed record BoundColumn(int Index, string Name, SqlType Type) : BoundExpression(Type);

/// <summary>A property of the row that is not a column of the schema.</summary>
public sealed record BoundPseudoColumn(PseudoColumn Kind)
    : BoundExpression(Kind == PseudoColumn.RowPartition ? SqlType.Integer : SqlType.BigInt);

/// <summary>The properties of a row that SQL can name.</summary>
public enum PseudoColumn : byte
{
    /// <summary>Event time, milliseconds.</summary>
    RowTime,

    /// <summary>Source partition.</summary>
    RowPartition,

    /// <summary>Source offset.</summary>
    RowOffset,
}

/// <summary>A call of a function, operator or cast; arguments are already cast to the binding's parameter types.</summary>
public sealed record BoundCall(string Name, ScalarBinding Binding, IReadOnlyList<BoundExpression> Arguments)
    : BoundExpression(Binding.ResultType)
{
    /// <summary>
    /// Whether an argument that fails is NULL to the call in a continuous query, as ksqlDB has it for
    /// functions and constructors; else the call fails too.
    /// </summary>
    public bool SettlesArguments { get; init; }
}

/// <summary>
/// A call of a function that takes lambdas after its other arguments, which are already cast to the binding's parameter types.
/// </summary>
public sealed record BoundLambdaCall(string Name, LambdaBinding Binding, IReadOnlyList<BoundExpression> Arguments,
    IReadOnlyList<BoundLambda> Lambdas)
    : BoundExpression(Binding.ResultType);

/// <summary>A lambda. Its body reads its parameters, those of the lambdas around it, and columns of the row.</summary>
/// <param name="Level">How many lambdas stand around it: tells its parameters from theirs.</param>
/// <param name="Parameters">The parameters, for their types and names.</param>
/// <param name="Body">The body.</param>
public sealed record BoundLambda(int Level, IReadOnlyList<BoundLambdaVariable> Parameters, BoundExpression Body);

/// <summary>A parameter of the innermost lambda of that level.</summary>
public sealed record BoundLambdaVariable(int Level, int Index, string Name, SqlType Type) : BoundExpression(Type);

/// <summary>AND or OR over two or more operands, left to right; later operands see only rows that are still undecided.</summary>
public sealed record BoundLogical(bool IsAnd, IReadOnlyList<BoundExpression> Operands) : BoundExpression(SqlType.Boolean);

/// <summary>NOT.</summary>
public sealed record BoundNot(BoundExpression Operand) : BoundExpression(SqlType.Boolean);

/// <summary>IS [NOT] NULL.</summary>
public sealed record BoundIsNull(BoundExpression Operand, bool Negated) : BoundExpression(SqlType.Boolean);

/// <summary>CASE: the result of the first branch whose condition is true; results see only the rows that reach them.</summary>
public sealed record BoundCase(IReadOnlyList<BoundCaseBranch> Branches, BoundExpression? Else, SqlType Type) : BoundExpression(Type);

/// <summary>A branch of CASE.</summary>
public sealed record BoundCaseBranch(BoundExpression Condition, BoundExpression Result);

/// <summary>The first argument that is not null.</summary>
public sealed record BoundCoalesce(IReadOnlyList<BoundExpression> Arguments, SqlType Type) : BoundExpression(Type);

/// <summary>A statement parameter, numbered from 0; its value is known when the statement is executed.</summary>
public sealed record BoundParameter(int Index, SqlType Type) : BoundExpression(Type);

/// <summary>A column of an enclosing query's current row (correlated sub-query); depth 1 is the next query out.</summary>
public record BoundOuterColumn(int Depth, int Index, string Name, SqlType Type) : BoundExpression(Type);

/// <summary>A sub-query used as an expression.</summary>
/// <param name="Kind">What is asked of it.</param>
/// <param name="Plan">Its plan; may contain <see cref="BoundOuterColumn"/>.</param>
/// <param name="Operand">The left side of IN; else null.</param>
/// <param name="Type">Type of the value.</param>
public sealed record BoundSubquery(SubqueryKind Kind, LogicalPlan Plan, BoundExpression? Operand, SqlType Type) : BoundExpression(Type)
{
    /// <summary>Whether it reads the enclosing row, so that it must be run per row.</summary>
    public bool IsCorrelated { get; init; }
}

/// <summary>What is asked of a sub-query.</summary>
public enum SubqueryKind : byte
{
    /// <summary>Its one value; null when it has no row; an error (21000) when it has several.</summary>
    Scalar,

    /// <summary>Whether it has a row.</summary>
    Exists,

    /// <summary>Whether the operand is among its values.</summary>
    In,

    /// <summary>Its values as an array.</summary>
    Array,

    /// <summary>All its rows, each beside the enclosing row; no value of an expression (LATERAL).</summary>
    Rows,
}

namespace StreamSQL.Data.Functions.Json.Paths;

/// <summary>A part of an SQL/JSON path.</summary>
internal abstract record PathNode;

/// <summary>$, @, last: where a path begins.</summary>
internal sealed record PathRoot(PathRootKind Kind) : PathNode;

/// <summary>$name: a variable.</summary>
internal sealed record PathVariable(string Name) : PathNode;

/// <summary>A constant: JSON text, parsed.</summary>
internal sealed record PathConstant(System.Text.Json.JsonElement Value) : PathNode;

/// <summary>.name, or .* where the name is null.</summary>
internal sealed record PathMember(PathNode Operand, string? Name) : PathNode;

/// <summary>.**{from to to}: the value and what is in it, so many levels deep.</summary>
internal sealed record PathDescent(PathNode Operand, int From, int To) : PathNode;

/// <summary>[*], or [from to to, ...] where there are ranges.</summary>
internal sealed record PathElements(PathNode Operand, IReadOnlyList<(PathNode From, PathNode? To)>? Ranges) : PathNode;

/// <summary>.method().</summary>
internal sealed record PathMethod(PathNode Operand, string Name) : PathNode;

/// <summary>? (condition).</summary>
internal sealed record PathFilter(PathNode Operand, PathNode Condition) : PathNode;

/// <summary>+ - * / %; with one operand the sign.</summary>
internal sealed record PathArithmetic(char Operator, PathNode? Left, PathNode Right) : PathNode;

/// <summary>== != &lt; &lt;= &gt; &gt;=.</summary>
internal sealed record PathComparison(string Operator, PathNode Left, PathNode Right) : PathNode;

/// <summary>&amp;&amp; and ||.</summary>
internal sealed record PathLogical(bool IsAnd, PathNode Left, PathNode Right) : PathNode;

/// <summary>! (condition).</summary>
internal sealed record PathNot(PathNode Operand) : PathNode;

/// <summary>(condition) is unknown.</summary>
internal sealed record PathIsUnknown(PathNode Operand) : PathNode;

/// <summary>exists (path).</summary>
internal sealed record PathExists(PathNode Operand) : PathNode;

/// <summary>like_regex.</summary>
internal sealed record PathRegex(PathNode Operand, System.Text.RegularExpressions.Regex Regex) : PathNode;

/// <summary>starts with.</summary>
internal sealed record PathStartsWith(PathNode Operand, PathNode Beginning) : PathNode;

/// <summary>Where a path begins.</summary>
internal enum PathRootKind
{
    /// <summary>$: the whole value.</summary>
    Whole,

    /// <summary>@: what a filter looks at.</summary>
    Current,

    /// <summary>last: the last place of the array whose element is asked for.</summary>
    Last,
}

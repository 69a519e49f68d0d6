using StreamSQL.Data.Functions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Arguments by name, <c>f(a, silent => true)</c>, of functions of PostgreSQL's whose parameters have
/// names. An argument by name has the form of a lambda.
/// </summary>
internal static class NamedArguments
{
    private static readonly string[] PathParameters = ["TARGET", "PATH", "VARS", "SILENT"];

    // The names in order; which of them may be left out is the function's business.
    private static readonly Dictionary<string, string[]> Parameters = new(StringComparer.Ordinal)
    {
        ["JSONB_SET"] = ["JSONB_IN", "PATH", "REPLACEMENT", "CREATE_IF_MISSING"],
        ["JSONB_SET_LAX"] = ["JSONB_IN", "PATH", "REPLACEMENT", "CREATE_IF_MISSING", "NULL_VALUE_TREATMENT"],
        ["JSONB_INSERT"] = ["JSONB_IN", "PATH", "REPLACEMENT", "INSERT_AFTER"],
        ["JSONB_PATH_EXISTS"] = PathParameters, ["JSONB_PATH_MATCH"] = PathParameters, ["JSONB_PATH_QUERY"] = PathParameters,
        ["JSONB_PATH_QUERY_ARRAY"] = PathParameters, ["JSONB_PATH_QUERY_FIRST"] = PathParameters,
        ["MAKE_DATE"] = ["YEAR", "MONTH", "DAY"], ["MAKE_TIME"] = ["HOUR", "MIN", "SEC"],
        ["MAKE_TIMESTAMP"] = ["YEAR", "MONTH", "MDAY", "HOUR", "MIN", "SEC"],
        ["MAKE_TIMESTAMPTZ"] = ["YEAR", "MONTH", "MDAY", "HOUR", "MIN", "SEC", "TIMEZONE"],
    };

    // What stands for an argument between those that are given.
    private static readonly Dictionary<string, Func<SyntaxNode, Expression>> Defaults = new(StringComparer.Ordinal)
    {
        ["VARS"] = static call => new StringLiteral("{}", call.Position),
        ["CREATE_IF_MISSING"] = static call => new BooleanLiteral(true, call.Position),
    };

    /// <summary>The call with all of its arguments by place; calls without named ones as they are.</summary>
    /// <exception cref="Data.Errors.SqlException">42883: it has no parameter of that name; 42601: one behind it has no name.</exception>
    public static FunctionCall InOrder(FunctionCall call, BindingContext context)
    {
        if (context.Rules == RuleSet.Ksql || !Parameters.TryGetValue(call.Name.Last.Name.ToUpperInvariant(), out var names))
            return call;
        var first = call.Arguments.TakeWhile(static argument => argument is not LambdaExpression).Count();
        if (first == call.Arguments.Count)
            return call;
        var arguments = new Expression?[names.Length];
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            if (i >= first && call.Arguments[i] is not LambdaExpression)
                throw BindingErrors.Syntax("positional argument cannot follow named argument", call.Arguments[i].Position);
            var named = call.Arguments[i] as LambdaExpression;
            var at = named is null ? i : named.Parameters is [var name] ? Array.IndexOf(names, name.Name.ToUpperInvariant()) : -1;
            if (at < 0 || at >= names.Length || arguments[at] is not null)
                throw BindingErrors.UnknownFunction(call, [], context.Rules);
            arguments[at] = named?.Body ?? call.Arguments[i];
        }

        var count = Array.FindLastIndex(arguments, static argument => argument is not null) + 1;
        return call with
        {
            Arguments =
            [
                .. arguments.Take(count).Select((argument, i) =>
                    argument ?? (Defaults.TryGetValue(names[i], out var otherwise)
                        ? otherwise(call) : throw BindingErrors.UnknownFunction(call, [], context.Rules))),
            ],
        };
    }
}

using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// STRUCT's operators. Their result depends on field names, which are no values: a name is given to the function's binding as a last
/// argument type, a STRUCT with fields of those names.
/// </summary>
internal static class StructFunctions
{
    /// <summary><c>s->f</c>; null when there is no such function.</summary>
    public static BoundExpression? Field(BoundExpression operand, string field, BindingContext context) =>
        Bind("->", [operand], [field], context);

    /// <summary>STRUCT(f := v, ...); null when there is no such function.</summary>
    public static BoundExpression? Construct(IReadOnlyList<string> names, IReadOnlyList<BoundExpression> values, BindingContext context) =>
        Bind("STRUCT", values, names, context);

    private static BoundCall? Bind(string name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string> fields,
        BindingContext context)
    {
        var marker = SqlType.StructOf([.. fields.Select(static field => new StructField(field, SqlType.Unknown))]);
        SqlType[] types = [.. arguments.Select(static a => a.Type), marker];
        foreach (var function in context.Planning.Functions.FindScalar(name))
        {
            if (function.Bind(types, context.Rules) is { } binding)
                return new BoundCall(name, binding with { ParameterTypes = [.. binding.ParameterTypes.Take(arguments.Count)] }, arguments)
                    { SettlesArguments = name == "STRUCT" };
        }

        return null;
    }
}

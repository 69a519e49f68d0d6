using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>The functions that give rows in FROM.</summary>
internal static class TableFunctions
{
    /// <summary>The type of the rows, and the arguments as the function takes them.</summary>
    /// <exception cref="Data.Errors.SqlException">42883: there is no such function, or it does not take these arguments.</exception>
    public static (SqlType Type, IReadOnlyList<BoundExpression> Arguments) Bind(FunctionCall call, IReadOnlyList<BoundExpression> arguments, BindingContext context)
    {
        var types = arguments.Select(static argument => argument.Type).ToArray();
        switch (call.Name.Last.Name)
        {
            case "GENERATE_SERIES" when arguments.Count is 2 or 3:
                var type = CommonTypes.Of(types, context, "generate_series", call.Position);
                if (type.Kind is not (SqlTypeKind.Integer or SqlTypeKind.BigInt))
                    break;
                return (type, [.. arguments.Select(argument => Coercion.Implicit(argument, type, context, call.Position))]);
            case "UNNEST" when types is [{ Kind: SqlTypeKind.Array }]:
                return (types[0].Element!, arguments);
        }

        string[] signatures = ["generate_series(start, stop [, step]) of INTEGER or BIGINT", "unnest(ARRAY)"];
        throw BindingErrors.WrongArguments(call, types, signatures, context.Rules);
    }
}

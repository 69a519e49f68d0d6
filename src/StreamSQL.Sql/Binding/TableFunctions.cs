using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>The functions that give rows, in FROM or in a select list.</summary>
internal static class TableFunctions
{
    // Functions of PostgreSQL that have no row here whatever they are asked: there is no such thing as what they tell of.
    private static readonly Dictionary<string, (string Name, SqlType Type)[]> Empty = new(StringComparer.Ordinal)
    {
        ["PG_PARTITION_ANCESTORS"] = [("relid", SqlType.RegClass)],
        ["PG_LISTENING_CHANNELS"] = [("pg_listening_channels", SqlType.Varchar)],
        ["PG_GET_KEYWORDS"] = [("word", SqlType.Varchar), ("catcode", SqlType.Char), ("catdesc", SqlType.Varchar)],
        ["ACLEXPLODE"] = [("grantor", SqlType.Oid), ("grantee", SqlType.Oid), ("privilege_type", SqlType.Varchar), ("is_grantable", SqlType.Boolean)],
    };

    /// <summary>Whether a call gives rows.</summary>
    public static bool IsTableFunction(FunctionCall call) => call.Name.Last.Name is "GENERATE_SERIES" or "UNNEST" || Empty.ContainsKey(call.Name.Last.Name);

    /// <summary>The columns of a function that never has rows; null for others.</summary>
    public static IReadOnlyList<PlanColumn>? EmptyColumns(FunctionCall call) => Empty.TryGetValue(call.Name.Last.Name.ToUpperInvariant(), out var columns)
        ? [.. columns.Select(static c => new PlanColumn(c.Name, c.Type, ColumnRole.Value))]
        : null;

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

using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Functions about the session that give rows: their rows are the elements of the array that a function of the session gives.
/// </summary>
internal static class SessionArrays
{
    private const string Channels = "PG_LISTENING_CHANNELS";
    private const string ChannelArray = "PG_LISTENING_CHANNEL_ARRAY";

    /// <summary>The call as UNNEST of the array; other calls as they are.</summary>
    public static FunctionCall AsUnnest(FunctionCall call) => call.Name.Last.Name != Channels ? call : call with
    {
        Name = Named("UNNEST", call),
        Arguments = [call with { Name = Named(ChannelArray, call) }],
    };

    /// <summary>The same in FROM, where the rows keep the function's name.</summary>
    public static FunctionReference AsUnnest(FunctionReference function) => AsUnnest(function.Call) is var call
        && call == function.Call ? function : function with
    {
        Call = call,
        Alias = function.Alias ?? new TableAlias(function.Call.Name.Last, [], function.Position),
    };

    private static QualifiedName Named(string name, FunctionCall call) => new([new Identifier(name, false, call.Position)], call.Position);
}

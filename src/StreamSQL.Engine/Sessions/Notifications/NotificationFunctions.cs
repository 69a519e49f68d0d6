using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Sessions.Notifications;

/// <summary>pg_notify, and what stands behind pg_listening_channels, for one session.</summary>
internal static class NotificationFunctions
{
    /// <summary>The name of the function that gives all channels as one array: pg_listening_channels() is its elements.</summary>
    public const string ChannelArray = "PG_LISTENING_CHANNEL_ARRAY";

    /// <summary>Finds a function by upper-case name; null when it is none of these.</summary>
    public static IReadOnlyList<ScalarFunction>? Find(string name, Session session) => name switch
    {
        "PG_NOTIFY" => [new Function(name, [SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, "Sends a notification at the end of the transaction.", arguments =>
        {
            session.Notify(arguments[0] as string ?? "", arguments[1] as string ?? "");
            return "";
        })],
        ChannelArray => [new Function(name, [], SqlType.ArrayOf(SqlType.Varchar), "The channels that the session listens to.", _ => session.ListeningChannels.ToArray<object?>())],
        _ => null,
    };

    private sealed class Function(string name, SqlType[] parameters, SqlType result, string text, Func<object?[], object?> evaluate) : ScalarFunction
    {
        public override string Name => name;

        public override FunctionDoc Doc => new("System", text, [$"{name}({string.Join(", ", parameters.Select(static type => type.ToString()))}) -> {result}"], []);

        public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
            arguments.Count == parameters.Length && arguments.Zip(parameters).All(pair => TypeCoercion.Cost(pair.First, pair.Second, rules) >= 0)
                ? new ScalarBinding(parameters, result, new Kernel(evaluate)) { IsDeterministic = false }
                : null;
    }

    private sealed class Kernel(Func<object?[], object?> evaluate) : ScalarKernel
    {
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var values = new object?[arguments.Length];
            foreach (var row in context.Rows)
            {
                for (var a = 0; a < values.Length; a++)
                    values[a] = ColumnReader.Read(arguments[a], row);
                ColumnWriter.Write(result, row, evaluate(values));
            }
        }
    }
}

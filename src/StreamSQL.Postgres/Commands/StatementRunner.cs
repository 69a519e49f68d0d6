using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.Postgres.Commands;

/// <summary>The three things that the endpoint asks of a session.</summary>
/// <param name="Parse">Splits a script into statements.</param>
/// <param name="Prepare">Binds a statement; types that the client leaves open are null.</param>
/// <param name="Execute">Executes it with parameter values.</param>
internal sealed record StatementRunner(
    Func<string, IReadOnlyList<ParsedStatement>> Parse,
    Func<ParsedStatement, IReadOnlyList<SqlType?>, PreparedStatement> Prepare,
    Func<PreparedStatement, IReadOnlyList<object?>, CancellationToken, ValueTask<StatementResult>> Execute)
{
    /// <summary>The engine's session.</summary>
    public static StatementRunner For(Session session) => new(session.Parse, session.Prepare, session.ExecuteAsync);
}

using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands;

/// <summary>The things that the endpoint asks of a session.</summary>
/// <param name="Parse">Splits a script into statements.</param>
/// <param name="Prepare">Binds a statement; types that the client leaves open are null.</param>
/// <param name="Execute">Executes it with parameter values.</param>
/// <param name="OpenInsert">Opens the target of a COPY ... FROM.</param>
internal sealed record StatementRunner(
    Func<string, IReadOnlyList<ParsedStatement>> Parse,
    Func<ParsedStatement, IReadOnlyList<SqlType?>, PreparedStatement> Prepare,
    Func<PreparedStatement, IReadOnlyList<object?>, CancellationToken, ValueTask<StatementResult>> Execute,
    Func<CopyStatement, RowInserter> OpenInsert)
{
    /// <summary>The engine's session.</summary>
    public static StatementRunner For(Session session) => new(session.Parse, session.Prepare, session.ExecuteAsync, session.OpenInsert);
}

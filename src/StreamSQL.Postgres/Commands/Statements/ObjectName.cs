using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>Names of prepared statements and cursors: PostgreSQL's rule, since messages name the same objects exactly.</summary>
internal static class ObjectName
{
    /// <summary>The name that an identifier stands for: folded to lower case unless it was quoted.</summary>
    public static string Of(Identifier identifier) => identifier.IsQuoted ? identifier.Text : identifier.Text.ToLowerInvariant();
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Roles;

/// <summary>Names of roles: PostgreSQL's rules, since clients name users exactly when they connect.</summary>
internal static class RoleNames
{
    private const int MaxLength = 63;

    /// <summary>
    /// The role that a statement names: folded to lower case unless it was quoted; CURRENT_USER and SESSION_USER are those of the session.
    /// </summary>
    public static string Of(Identifier identifier, SessionIdentity session)
    {
        if (identifier.IsQuoted)
            return identifier.Text;
        return identifier.Name switch
        {
            "CURRENT_USER" or "CURRENT_ROLE" => session.CurrentUser,
            "SESSION_USER" => session.SessionUser,
            _ => identifier.Text.ToLowerInvariant(),
        };
    }

    /// <summary>Refuses names that no role may have.</summary>
    /// <exception cref="SqlException">42939: reserved; 42622: too long.</exception>
    public static void RequireUsable(string name, TextPosition position)
    {
        if (name is "none" or "public" || name.StartsWith("pg_", StringComparison.Ordinal))
            throw new SqlException(PostgresErrorCodes.ReservedName, $"role name \"{name}\" is reserved", "Choose another name.", position);
        if (name.Length is 0 or > MaxLength || name.Contains('\0', StringComparison.Ordinal))
            throw new SqlException(PostgresErrorCodes.NameTooLong, $"a role's name has 1 to {MaxLength} characters", position: position);
    }
}

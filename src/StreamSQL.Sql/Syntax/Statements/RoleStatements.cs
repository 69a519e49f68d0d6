using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Sql.Syntax;

/// <summary>CREATE ROLE, CREATE USER. Its <see cref="Statement.Text"/> ends with the name: a password does not travel with it.</summary>
public sealed record CreateRoleStatement(Identifier Name, RoleOptions Options, TextPosition Position) : Statement(Position);

/// <summary>ALTER ROLE, ALTER USER. Its <see cref="Statement.Text"/> ends with the name.</summary>
public sealed record AlterRoleStatement(Identifier Name, RoleOptions Options, TextPosition Position) : Statement(Position);

/// <summary>ALTER ROLE ... RENAME TO.</summary>
public sealed record RenameRoleStatement(Identifier Name, Identifier NewName, TextPosition Position) : Statement(Position);

/// <summary>DROP ROLE, DROP USER.</summary>
public sealed record DropRoleStatement(IReadOnlyList<Identifier> Names, bool IfExists, TextPosition Position) : Statement(Position);

/// <summary>What CREATE ROLE and ALTER ROLE say about a role; what they leave out is null or in neither set.</summary>
public sealed record RoleOptions
{
    /// <summary>Attributes that are named: SUPERUSER, LOGIN, ...</summary>
    public RoleAttributes Granted { get; init; }

    /// <summary>Attributes that are taken away: NOSUPERUSER, NOLOGIN, ...</summary>
    public RoleAttributes Revoked { get; init; }

    /// <summary>PASSWORD.</summary>
    public PasswordSyntax? Password { get; init; }

    /// <summary>VALID UNTIL, as it was written.</summary>
    public string? ValidUntil { get; init; }

    /// <summary>CONNECTION LIMIT; -1 is none.</summary>
    public int? ConnectionLimit { get; init; }

    /// <summary>Whether nothing but the password is set.</summary>
    public bool IsPasswordOnly => Password is not null && this == new RoleOptions { Password = Password };
}

/// <summary>
/// A password as it was written: text, or a verifier that the client has made; null takes the password away. Never printed.
/// </summary>
/// <param name="Text">The password.</param>
public sealed record PasswordSyntax(string? Text)
{
    /// <inheritdoc/>
    public override string ToString() => "***";
}

using System.Globalization;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Catalog;
using StreamSQL.Engine.Sessions;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Roles;

/// <summary>Runs the statements about roles. Only a superuser, or a role with CREATEROLE, may make and change other roles.</summary>
internal sealed class RoleChanges(CatalogChanges changes)
{
    private static readonly Notice PasswordCleared = new(
        "NOTICE", PostgresErrorCodes.SuccessfulCompletion, "empty string is not a valid password, clearing password");

    /// <summary>CREATE ROLE. Returns a notice, or null.</summary>
    /// <exception cref="SqlException">42710: it is there; 42501: not allowed.</exception>
    public async ValueTask<Notice?> CreateAsync(CreateRoleStatement statement, SessionIdentity session, CancellationToken cancellation)
    {
        var name = RoleNames.Of(statement.Name, session);
        RoleNames.RequireUsable(name, statement.Name.Position);
        var (role, notice) = Apply(new() { Name = name }, statement.Options, statement.Position);
        await changes.AppendAsync(
            image =>
            {
                Require(MayManage(session, image), "permission denied to create role");
                Require(session.IsSuperuser || !role.IsSuperuser, "must be superuser to create superusers");
                if (image.Roles.ContainsKey(name))
                    throw new SqlException(PostgresErrorCodes.DuplicateObject, $"role \"{name}\" already exists",
                        position: statement.Name.Position);
                return new SetRoleRecord(role);
            },
            cancellation);
        return notice;
    }

    /// <summary>ALTER ROLE. Returns a notice, or null.</summary>
    /// <exception cref="SqlException">42704: it is not there; 42501: not allowed.</exception>
    public async ValueTask<Notice?> AlterAsync(AlterRoleStatement statement, SessionIdentity session, CancellationToken cancellation)
    {
        var name = RoleNames.Of(statement.Name, session);
        var (_, notice) = Apply(new() { Name = name }, statement.Options, statement.Position);
        await changes.AppendAsync(
            image =>
            {
                var before = Find(image, name, statement.Name.Position);
                var (after, _) = Apply(before, statement.Options, statement.Position);
                Require(
                    session.IsSuperuser || (!before.IsSuperuser && !after.IsSuperuser),
                    "must be superuser to alter superuser roles or change superuser attribute");
                Require(MayManage(session, image) || (name == session.CurrentUser && statement.Options.IsPasswordOnly),
                    "permission denied");
                return new SetRoleRecord(after);
            },
            cancellation);
        return notice;
    }

    /// <summary>ALTER ROLE ... RENAME TO. A password stays: its verifier does not depend on the name.</summary>
    /// <exception cref="SqlException">It is not there, the other one is, or it is not allowed.</exception>
    public async ValueTask RenameAsync(RenameRoleStatement statement, SessionIdentity session, CancellationToken cancellation)
    {
        var name = RoleNames.Of(statement.Name, session);
        var newName = RoleNames.Of(statement.NewName, session);
        RoleNames.RequireUsable(newName, statement.NewName.Position);
        await changes.AppendAsync(
            image =>
            {
                var role = Find(image, name, statement.Name.Position);
                Require(MayManage(session, image), "permission denied to rename role");
                Require(session.IsSuperuser || !role.IsSuperuser, "must be superuser to rename superusers");
                RequireUnused(name, session, "renamed", PostgresErrorCodes.FeatureNotSupported);
                if (image.Roles.ContainsKey(newName))
                    throw new SqlException(PostgresErrorCodes.DuplicateObject, $"role \"{newName}\" already exists",
                        position: statement.NewName.Position);
                return new RenameRoleRecord(name, newName);
            },
            cancellation);
    }

    /// <summary>DROP ROLE: one after another. Returns a notice for each that is not there.</summary>
    /// <exception cref="SqlException">42704: it is not there; 42501: not allowed; 55006: the session uses it.</exception>
    public async ValueTask<IReadOnlyList<Notice>> DropAsync(DropRoleStatement statement, SessionIdentity session,
        CancellationToken cancellation)
    {
        var notices = new List<Notice>();
        foreach (var identifier in statement.Names)
        {
            var name = RoleNames.Of(identifier, session);
            var isThere = await changes.AppendAsync(
                image =>
                {
                    Require(MayManage(session, image), "permission denied to drop role");
                    if (statement.IfExists && !image.Roles.ContainsKey(name))
                        return null;
                    var role = Find(image, name, identifier.Position);
                    Require(session.IsSuperuser || !role.IsSuperuser, "must be superuser to drop superusers");
                    RequireUnused(name, session, "dropped", PostgresErrorCodes.ObjectInUse);
                    return new DropRoleRecord(name);
                },
                cancellation);
            if (!isThere)
                notices.Add(new("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"role \"{name}\" does not exist, skipping"));
        }

        return notices;
    }

    /// <summary>Makes a superuser with a password, unless a role of that name is there; returns whether it was made.</summary>
    public ValueTask<bool> EnsureSuperuserAsync(string name, string password, CancellationToken cancellation)
    {
        var role = new RoleDefinition
        {
            Name = name,
            Attributes = RoleAttributes.Login | RoleAttributes.Superuser | RoleAttributes.CreateRole | RoleAttributes.CreateDatabase
                | RoleAttributes.Inherit,
        };
        role = WithPassword(role, password);
        return changes.AppendAsync(image => image.Roles.ContainsKey(name) ? null : new SetRoleRecord(role), cancellation);
    }

    /// <summary>
    /// Sets or removes what a role's password is checked with; a role that is not there is made, and may log in. By the rules of ALTER ROLE
    /// ... PASSWORD: a superuser may, who has CREATEROLE may for those that are no superusers, and everybody for himself.
    /// </summary>
    /// <param name="name">The role.</param>
    /// <param name="change">Changes the verifiers.</param>
    /// <param name="caller">The role that asks; null for one that may do everything.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SqlException">42501: not allowed; 42939, 42622: no role may have that name.</exception>
    public async Task SetVerifiersAsync(
        string name, Func<RoleDefinition, RoleDefinition> change, string? caller, CancellationToken cancellation)
    {
        await changes.AppendAsync(
            image =>
            {
                image.Roles.TryGetValue(name, out var before);
                if (caller is not null)
                {
                    image.Roles.TryGetValue(caller, out var asking);
                    Require(
                        asking is not null && (asking.IsSuperuser || (before is not null && name == caller)
                            || (asking.Has(RoleAttributes.CreateRole) && before is not { IsSuperuser: true })),
                        "permission denied");
                }

                if (before is null)
                    RoleNames.RequireUsable(name, default);
                return new SetRoleRecord(change(
                    before ?? new() { Name = name, Attributes = RoleAttributes.Login | RoleAttributes.Inherit }));
            },
            cancellation);
    }

    private static (RoleDefinition Role, Notice? Notice) Apply(RoleDefinition role, RoleOptions options, TextPosition position)
    {
        role = role with
        {
            Attributes = (role.Attributes | options.Granted) & ~options.Revoked,
            ConnectionLimit = options.ConnectionLimit ?? role.ConnectionLimit,
            ValidUntil = options.ValidUntil is { } until ? ReadTime(until, position) : role.ValidUntil,
        };
        if (options.Password is not { } password)
            return (role, null);
        return (WithPassword(role, password.Text, position), password.Text is "" ? PasswordCleared : null);
    }

    /// <summary>Clients may send a verifier that they have made (psql's \password does): it is good for SCRAM-SHA-256 alone.</summary>
    private static RoleDefinition WithPassword(RoleDefinition role, string? password, TextPosition position = default)
    {
        if (string.IsNullOrEmpty(password))
            return role with { Verifier = null, Sha512Verifier = null };
        if (ScramVerifier.IsMd5(password))
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported, "md5 passwords are not supported",
                "Give the password, or its SCRAM-SHA-256 verifier.", position);
        }

        return ScramVerifier.TryParse(password, out _)
            ? role with { Verifier = password, Sha512Verifier = null }
            : role with
            {
                Verifier = ScramVerifier.Create(password).Format(),
                Sha512Verifier = ScramVerifier.Create(password, ScramHash.Sha512).Format(),
            };
    }

    private static DateTimeOffset? ReadTime(string text, TextPosition position)
    {
        if (text.Trim().Equals("infinity", StringComparison.OrdinalIgnoreCase))
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new SqlException(
                PostgresErrorCodes.InvalidDatetimeFormat, $"invalid input syntax for type timestamp with time zone: \"{text}\"",
                "Write it as '2030-12-31 23:59:59+00', or 'infinity'.", position);
    }

    private static RoleDefinition Find(CatalogImage image, string name, TextPosition position) =>
        image.Roles.TryGetValue(name, out var role)
        ? role
        : throw new SqlException(PostgresErrorCodes.UndefinedObject, $"role \"{name}\" does not exist", position: position);

    private static bool MayManage(SessionIdentity session, CatalogImage image) =>
        session.IsSuperuser || (image.Roles.TryGetValue(session.CurrentUser, out var role) && role.Has(RoleAttributes.CreateRole));

    private static void RequireUnused(string name, SessionIdentity session, string done, string sqlState)
    {
        if (name == session.CurrentUser)
            throw new SqlException(sqlState, $"current user cannot be {done}");
        if (name == session.SessionUser || name == session.AuthenticatedUser)
            throw new SqlException(sqlState, $"session user cannot be {done}");
    }

    private static void Require(bool isAllowed, string otherwise)
    {
        if (!isAllowed)
            throw new SqlException(PostgresErrorCodes.InsufficientPrivilege, otherwise);
    }
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>Roles as PostgreSQL's relations show them; what passwords are checked with is shown to superusers only.</summary>
internal static class RoleRelations
{
    private const string Hidden = "********";

    /// <summary>pg_roles: no verifier for anybody.</summary>
    public static void Roles(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (oid, role) in objects.Roles.All)
            AddRole(rows, oid, role, Hidden);
    }

    /// <summary>pg_authid.</summary>
    /// <exception cref="SqlException">42501: not a superuser.</exception>
    public static void Authorizations(CatalogObjects objects, CatalogRows rows)
    {
        RequireSuperuser(objects, "pg_authid");
        foreach (var (oid, role) in objects.Roles.All)
            AddRole(rows, oid, role, role.Verifier);
    }

    /// <summary>pg_user: the roles that can log in, no verifier.</summary>
    public static void Users(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (oid, role) in objects.Roles.All.Where(static entry => entry.Role.CanLogin))
            AddUser(rows, oid, role, Hidden);
    }

    /// <summary>pg_shadow.</summary>
    /// <exception cref="SqlException">42501: not a superuser.</exception>
    public static void Shadows(CatalogObjects objects, CatalogRows rows)
    {
        RequireSuperuser(objects, "pg_shadow");
        foreach (var (oid, role) in objects.Roles.All.Where(static entry => entry.Role.CanLogin))
            AddUser(rows, oid, role, role.Verifier);
    }

    private static void AddRole(CatalogRows rows, uint oid, RoleDefinition role, string? password) => rows.Add(
        ("oid", (long)oid), ("rolname", role.Name), ("rolsuper", role.IsSuperuser), ("rolinherit", role.Has(RoleAttributes.Inherit)),
        ("rolcreaterole", role.Has(RoleAttributes.CreateRole)), ("rolcreatedb", role.Has(RoleAttributes.CreateDatabase)),
        ("rolcanlogin", role.CanLogin),
        ("rolreplication", role.Has(RoleAttributes.Replication)), ("rolbypassrls", role.Has(RoleAttributes.BypassRowSecurity)),
        ("rolconnlimit", role.ConnectionLimit), ("rolpassword", password), ("rolvaliduntil", TimeOf(role)));

    private static void AddUser(CatalogRows rows, uint oid, RoleDefinition role, string? password) => rows.Add(
        ("usename", role.Name), ("usesysid", (long)oid), ("usecreatedb", role.Has(RoleAttributes.CreateDatabase)),
        ("usesuper", role.IsSuperuser),
        ("userepl", role.Has(RoleAttributes.Replication)), ("usebypassrls", role.Has(RoleAttributes.BypassRowSecurity)),
        ("passwd", password),
        ("valuntil", TimeOf(role)));

    private static object? TimeOf(RoleDefinition role) => role.ValidUntil?.ToUnixTimeMilliseconds();

    private static void RequireSuperuser(CatalogObjects objects, string relation)
    {
        if (!objects.Snapshot.IsSuperuser)
            throw new SqlException(PostgresErrorCodes.InsufficientPrivilege, $"permission denied for table {relation}",
                "pg_roles shows roles without passwords.");
    }
}

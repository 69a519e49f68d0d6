using StreamSQL.Engine.SystemRelations;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Postgres.Catalog;

/// <summary>
/// The roles as clients see them: those of the catalog, and the session's user where it is none of them. One of them has PostgreSQL's
/// identifier of the first superuser and owns everything: the first superuser by name, or the session's user while there is none.
/// </summary>
internal sealed class CatalogRoles
{
    private CatalogRoles(IReadOnlyList<(uint Oid, RoleDefinition Role)> all) => All = all;

    /// <summary>Identifiers and roles.</summary>
    public IReadOnlyList<(uint Oid, RoleDefinition Role)> All { get; }

    /// <summary>The name of the one that owns everything.</summary>
    public string Owner => NameOf(CatalogObjects.Owner)!;

    /// <summary>The name of a role, or null.</summary>
    public string? NameOf(uint oid) => All.Where(role => role.Oid == oid).Select(static role => role.Role.Name).FirstOrDefault();

    /// <summary>The identifier of a role, or null.</summary>
    public uint? OidOf(string name) => All.Where(role => role.Role.Name == name).Select(static role => (uint?)role.Oid).FirstOrDefault();

    /// <summary>The roles of a snapshot.</summary>
    public static CatalogRoles Of(SystemSnapshot snapshot)
    {
        var roles = snapshot.Catalog.Roles.Values.ToList();
        foreach (var name in new[] { snapshot.SessionUserName, snapshot.UserName })
        {
            if (!roles.Exists(role => role.Name == name))
                roles.Add(Guest(name));
        }

        var owner = roles.Find(static role => role.IsSuperuser);
        if (owner is null)
        {
            owner = Guest("streamsql") with { Attributes = RoleAttributes.Superuser };
            roles.Add(owner);
        }

        return new([.. roles.Select(role => (role == owner ? CatalogObjects.Owner : CatalogObjects.OidOf(role.Name + "/role"), role))]);
    }

    // A user that is no role was let in because nobody is in charge yet: it may do everything.
    private static RoleDefinition Guest(string name) => new()
    {
        Name = name,
        Attributes = RoleAttributes.Login | RoleAttributes.Superuser | RoleAttributes.CreateRole | RoleAttributes.CreateDatabase
            | RoleAttributes.Inherit | RoleAttributes.BypassRowSecurity,
    };
}

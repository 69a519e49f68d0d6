using System.Text.Json.Serialization;

namespace StreamSQL.Sql.Catalog;

/// <summary>What a role may do.</summary>
[Flags]
public enum RoleAttributes
{
    /// <summary>Nothing by itself.</summary>
    None = 0,

    /// <summary>LOGIN: sessions may begin as it.</summary>
    Login = 1,

    /// <summary>SUPERUSER: everything.</summary>
    Superuser = 2,

    /// <summary>CREATEROLE: making and changing roles that are no superusers.</summary>
    CreateRole = 4,

    /// <summary>CREATEDB: shown to clients only, there is one database.</summary>
    CreateDatabase = 8,

    /// <summary>INHERIT: shown to clients only, roles have no members.</summary>
    Inherit = 16,

    /// <summary>REPLICATION: shown to clients only.</summary>
    Replication = 32,

    /// <summary>BYPASSRLS: shown to clients only.</summary>
    BypassRowSecurity = 64,
}

/// <summary>A role (user) of the catalog. Immutable. Its text is its name: the verifier never shows.</summary>
public sealed record RoleDefinition
{
    /// <summary>Its name, folded to lower case unless it was quoted.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do.</summary>
    public RoleAttributes Attributes { get; init; } = RoleAttributes.Inherit;

    /// <summary>What its password is checked with (<c>SCRAM-SHA-256$...</c>), or null: it has none.</summary>
    public string? Verifier { get; init; }

    /// <summary>What its password is checked with where a Kafka client logs in by SCRAM-SHA-512, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha512Verifier { get; init; }

    /// <summary>When its password expires, or null.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>How many sessions it may have at once; -1 for any number.</summary>
    public int ConnectionLimit { get; init; } = -1;

    /// <summary>Whether it may do everything.</summary>
    [JsonIgnore]
    public bool IsSuperuser => Has(RoleAttributes.Superuser);

    /// <summary>Whether sessions may begin as it.</summary>
    [JsonIgnore]
    public bool CanLogin => Has(RoleAttributes.Login);

    /// <summary>Whether it has an attribute.</summary>
    public bool Has(RoleAttributes attribute) => (Attributes & attribute) != 0;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>CREATE ROLE, or ALTER ROLE: the role as it is from then on.</summary>
public sealed record SetRoleRecord(RoleDefinition Role) : CatalogRecord;

/// <summary>ALTER ROLE ... RENAME TO.</summary>
public sealed record RenameRoleRecord(string Name, string NewName) : CatalogRecord;

/// <summary>DROP ROLE.</summary>
public sealed record DropRoleRecord(string Name) : CatalogRecord;

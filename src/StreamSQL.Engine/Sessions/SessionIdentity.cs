using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// Who a session acts as: the user that it began with, the one of SET SESSION AUTHORIZATION and the one of SET ROLE. The last two are
/// settings, so that a rolled back transaction takes them back too.
/// </summary>
/// <param name="userName">The user that the session began with.</param>
/// <param name="settings">Hold the other two.</param>
/// <param name="catalog">The roles.</param>
public sealed class SessionIdentity(string userName, SessionSettings settings, Func<CatalogImage> catalog)
{
    /// <summary>The setting of SET ROLE.</summary>
    public const string Role = "role";

    /// <summary>The setting of SET SESSION AUTHORIZATION.</summary>
    public const string SessionAuthorization = "session_authorization";

    private const string Superuser = "is_superuser";
    private const string None = "none";

    private bool _isGuest;

    /// <summary>The user that the session began with.</summary>
    public string AuthenticatedUser => userName;

    /// <summary>session_user.</summary>
    public string SessionUser => settings.Find(SessionAuthorization) ?? userName;

    /// <summary>current_user.</summary>
    public string CurrentUser => settings.Find(Role) is { } role && role != None ? role : SessionUser;

    /// <summary>Whether what runs now may do everything.</summary>
    public bool IsSuperuser => IsSuperuserNow(CurrentUser);

    /// <summary>Begins the session: a user that is no role of the catalog was let in as one who may do everything.</summary>
    public void Begin()
    {
        _isGuest = !catalog().Roles.ContainsKey(userName);
        settings.Store(Superuser, IsSuperuser ? "on" : "off");
    }

    /// <summary>Returns to the user that the session began with.</summary>
    public void Reset()
    {
        if (CurrentUser != userName || SessionUser != userName)
            SetSessionUser(null);
    }

    /// <summary>SET SESSION AUTHORIZATION; null is DEFAULT.</summary>
    /// <exception cref="SqlException">22023: no such role; 42501: not allowed.</exception>
    public void SetSessionUser(string? name)
    {
        name ??= userName;
        if (name != userName)
            Require(name);
        if (name != userName && !IsSuperuserNow(userName))
            throw new SqlException(PostgresErrorCodes.InsufficientPrivilege, "permission denied to set session authorization");
        settings.Store(SessionAuthorization, name);
        settings.Store(Role, None);
        settings.Store(Superuser, IsSuperuser ? "on" : "off");
    }

    /// <summary>SET ROLE; null is NONE.</summary>
    /// <exception cref="SqlException">22023: no such role; 42501: not allowed.</exception>
    public void SetRole(string? name)
    {
        if (name?.Equals(None, StringComparison.OrdinalIgnoreCase) == true)
            name = null;
        if (name is not null)
        {
            Require(name);
            if (name != SessionUser && !IsSuperuserNow(SessionUser))
                throw new SqlException(PostgresErrorCodes.InsufficientPrivilege, $"permission denied to set role \"{name}\"");
        }

        settings.Store(Role, name ?? None);
        settings.Store(Superuser, IsSuperuser ? "on" : "off");
    }

    /// <summary>Refuses what only a superuser may do.</summary>
    /// <exception cref="SqlException">42501.</exception>
    public void RequireSuperuser(string message)
    {
        if (!IsSuperuser)
            throw new SqlException(PostgresErrorCodes.InsufficientPrivilege, message);
    }

    private bool IsSuperuserNow(string name) => catalog().Roles.TryGetValue(name, out var role) ? role.IsSuperuser : _isGuest
        && name == userName;

    private void Require(string name)
    {
        if (!catalog().Roles.ContainsKey(name) && !(_isGuest && name == userName))
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"role \"{name}\" does not exist");
    }
}

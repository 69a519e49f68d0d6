using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Catalog;

namespace StreamSQL.Postgres.Functions;

/// <summary>
/// Access lists as text (<c>grantee=privileges/grantor</c>, PostgreSQL's documentation, section 5.7). No object here has one of its own.
/// </summary>
internal static class AccessLists
{
    // What the owner has, and what everybody has, by the kind of object that acldefault names.
    private static readonly Dictionary<string, (string Owner, string Everybody)> Defaults = new(StringComparer.Ordinal)
    {
        ["c"] = ("", ""), ["r"] = ("arwdDxt", ""), ["s"] = ("rwU", ""), ["d"] = ("CTc", "Tc"), ["f"] = ("X", "X"), ["l"] = ("U", "U"),
        ["L"] = ("rw", ""), ["n"] = ("UC", ""), ["p"] = ("sA", ""), ["t"] = ("C", ""), ["F"] = ("U", ""), ["S"] = ("U", ""),
        ["T"] = ("U", "U"),
    };

    /// <summary>The access list of an object that nobody has granted anything of.</summary>
    /// <param name="kind">Its kind, one letter.</param>
    /// <param name="owner">Who it belongs to.</param>
    /// <exception cref="SqlException">22023: there is no such kind.</exception>
    public static object?[] Default(string kind, string owner)
    {
        if (!Defaults.TryGetValue(kind, out var granted))
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue, $"unrecognized object type abbreviation: {kind}",
                "acldefault takes " + string.Join(", ", Defaults.Keys));
        }

        var name = ClientName.Quote(owner);
        string?[] all =
        [
            granted.Everybody.Length > 0 ? $"={granted.Everybody}/{name}" : null,
            granted.Owner.Length > 0 ? $"{name}={granted.Owner}/{name}" : null,
        ];
        return [.. all.OfType<string>()];
    }
}

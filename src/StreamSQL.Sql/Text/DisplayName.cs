namespace StreamSQL.Sql.Text;

/// <summary>
/// How names look to PostgreSQL clients. Names are folded to upper case inside and on the wire of topics; clients fold to lower case: so a
/// name without lower-case letters is shown in lower case, and every other one exactly.
/// </summary>
public static class DisplayName
{
    /// <summary>The name that clients see.</summary>
    public static string Of(string name)
    {
        foreach (var character in name)
        {
            if (char.IsLower(character))
                return name;
        }

        return name.ToLowerInvariant();
    }
}

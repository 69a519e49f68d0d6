namespace StreamSQL.Postgres.Catalog;

/// <summary>
/// How names look to PostgreSQL clients. Names are folded to upper case inside and on the wire of topics; clients fold to lower case: so a name
/// without lower-case letters is shown in lower case, and every other one exactly.
/// </summary>
internal static class ClientName
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

    /// <summary>A name as it has to be written in a statement: in double quotes unless it is plain.</summary>
    public static string Quote(string name)
    {
        var isPlain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_');
        foreach (var character in name)
            isPlain &= char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_';
        return isPlain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

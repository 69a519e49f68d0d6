namespace StreamSQL.Postgres.Catalog;

/// <summary>Names as PostgreSQL's clients write them.</summary>
internal static class ClientName
{
    /// <summary>A name as it has to be written in a statement: in double quotes unless it is plain.</summary>
    public static string Quote(string name)
    {
        var isPlain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_');
        foreach (var character in name)
            isPlain &= char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_';
        return isPlain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

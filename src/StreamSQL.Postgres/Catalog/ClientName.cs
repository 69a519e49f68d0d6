using System.Text;

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

    /// <summary>The parts of a qualified name as a client writes it: quoted parts exactly, others in lower case.</summary>
    public static List<string> Split(string text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        var quoted = false;
        foreach (var character in text.Trim())
        {
            if (character == '"')
            {
                quoted = !quoted;
            }
            else if (character == '.' && !quoted)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(quoted ? character : char.ToLowerInvariant(character));
            }
        }

        parts.Add(part.ToString());
        return parts;
    }
}

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// Avro's rules of names: a letter or underscore, then letters, digits and underscores; full names are such names with dots between.
/// </summary>
public static class AvroNames
{
    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? Fault(string name)
    {
        if (name.Length == 0)
            return "Empty name";
        if (!char.IsAsciiLetter(name[0]) && name[0] != '_')
            return $"Illegal initial character: {name}";
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '_')
                return $"Illegal character in: {name}";
        }

        return null;
    }

    /// <summary>What is wrong with a name that may have dots; null when nothing is.</summary>
    public static string? FullNameFault(string fullName)
    {
        foreach (var part in fullName.Split('.'))
        {
            if (Fault(part) is { } fault)
                return fault;
        }

        return null;
    }

    /// <summary>The full name of a name where a namespace holds; a name with a dot is full already.</summary>
    internal static string Qualify(string name, string nameSpace) => nameSpace.Length == 0
        || name.Contains('.') ? name : $"{nameSpace}.{name}";

    /// <summary>The namespace of a full name.</summary>
    internal static string NamespaceOf(string fullName)
    {
        var dot = fullName.LastIndexOf('.');
        return dot < 0 ? "" : fullName[..dot];
    }
}

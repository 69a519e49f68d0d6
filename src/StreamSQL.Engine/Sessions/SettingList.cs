namespace StreamSQL.Engine.Sessions;

/// <summary>The value of a setting that is a list, as SET gives it.</summary>
internal static class SettingList
{
    /// <summary>
    /// The values as one text, with commas between; those of search_path are names, and quoted where a statement would have to quote
    /// them.
    /// </summary>
    /// <param name="setting">The setting.</param>
    /// <param name="values">Its values; null for DEFAULT.</param>
    public static string? Of(string setting, IReadOnlyList<string>? values) => values is null ? null : string.Join(
        ", ", setting.Equals("search_path", StringComparison.OrdinalIgnoreCase) ? values.Select(Quote) : values);

    private static string Quote(string name)
    {
        var isPlain = name.Length > 0 && !char.IsAsciiDigit(name[0]);
        foreach (var character in name)
            isPlain &= char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_';
        return isPlain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

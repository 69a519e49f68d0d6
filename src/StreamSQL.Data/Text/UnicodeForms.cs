using System.Collections.Frozen;
using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>
/// The normalization forms of Unicode 14.0, the version that PostgreSQL 15 has; their tables are read
/// from <c>normalization.txt</c> when first needed.
/// </summary>
public static class UnicodeForms
{
    private static readonly Lazy<(UnicodeNormalizer Canonical, UnicodeNormalizer Compatibility)> Lazily = new(static () => Load());

    /// <summary>A text in a form (NFC, NFD, NFKC, NFKD in any case); null where there is no such form.</summary>
    public static string? Normalize(string text, string form)
    {
        var (isCompatibility, composes) = form.ToUpperInvariant() switch
        {
            "NFC" => (false, true),
            "NFD" => (false, false),
            "NFKC" => (true, true),
            "NFKD" => (true, false),
            _ => ((bool?)null, false),
        };
        if (isCompatibility is null)
            return null;
        if (Ascii.IsValid(text))
            return text;
        var normalizer = isCompatibility.Value ? Lazily.Value.Compatibility : Lazily.Value.Canonical;
        var result = new StringBuilder(text.Length);
        Span<char> characters = stackalloc char[2];
        foreach (var point in normalizer.Normalize(text.EnumerateRunes().Select(static rune => rune.Value), composes))
            result.Append(characters[..new Rune(point).EncodeToUtf16(characters)]);
        return result.ToString();
    }

    private static (UnicodeNormalizer Canonical, UnicodeNormalizer Compatibility) Load()
    {
        var tables = new UnicodeTables(typeof(UnicodeForms).Assembly, "normalization.txt");
        var canonical = tables.Decompositions("canonical").ToDictionary();
        var compatibility = new Dictionary<int, int[]>(canonical);
        foreach (var (point, parts) in tables.Decompositions("compatibility"))
            compatibility[point] = parts;
        var (composed, classes) = (tables.Compositions("composed"), tables.Numbers("class"));
        return (new(canonical.ToFrozenDictionary(), composed, classes), new(compatibility.ToFrozenDictionary(), composed, classes));
    }
}

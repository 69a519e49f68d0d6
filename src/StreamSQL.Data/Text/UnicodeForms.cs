using System.Collections.Frozen;
using System.Globalization;
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
        var sections = Read();
        var canonical = Decompositions(sections["canonical"]);
        var compatibility = new Dictionary<int, int[]>(canonical);
        foreach (var (point, parts) in Decompositions(sections["compatibility"]))
            compatibility[point] = parts;
        var composed = sections["composed"].Select(static entry => entry.Split('=')).ToFrozenDictionary(
            static entry => Points(entry[0]) is [var first, var second] ? (first, second) : throw new InvalidOperationException(entry[0]),
            static entry => Point(entry[1]));
        var classes = sections["class"].Select(static entry => entry.Split('='))
            .SelectMany(static entry => Range(entry[0]).Select(point => (point, entry[1])))
            .ToFrozenDictionary(static entry => entry.point, static entry => int.Parse(entry.Item2, CultureInfo.InvariantCulture));
        return (new(canonical.ToFrozenDictionary(), composed, classes), new(compatibility.ToFrozenDictionary(), composed, classes));
    }

    private static Dictionary<int, int[]> Decompositions(List<string> entries) =>
        entries.Select(static entry => entry.Split('=')).ToDictionary(static entry => Point(entry[0]), static entry => Points(entry[1]));

    private static int[] Points(string text) => [.. text.Split(',').Select(Point)];

    private static IEnumerable<int> Range(string text)
    {
        var first = Point(text.Split('-')[0]);
        return Enumerable.Range(first, Point(text.Split('-')[^1]) - first + 1);
    }

    private static int Point(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static Dictionary<string, List<string>> Read()
    {
        using var stream = typeof(UnicodeForms).Assembly.GetManifestResourceStream("normalization.txt")
            ?? throw new InvalidOperationException("The assembly lacks its resource normalization.txt.");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var sections = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var words = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(' '))
                words.AddRange(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            else if (!line.StartsWith('#'))
                sections[line] = words = [];
        }

        return sections;
    }
}

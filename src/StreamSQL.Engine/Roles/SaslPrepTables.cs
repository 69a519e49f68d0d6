using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using StreamSQL.Data.Text;

namespace StreamSQL.Engine.Roles;

/// <summary>
/// Sets of code points as sorted ranges, and the normalization form KC of Unicode 3.2, read from <c>saslprep.txt</c> when first needed.
/// </summary>
internal sealed class SaslPrepTables
{
    private static readonly Lazy<SaslPrepTables> Lazily = new(static () => new());

    private readonly Dictionary<string, string[]> _sections = Read();
    private readonly UnicodeNormalizer _normalizer;

    private SaslPrepTables()
    {
        Unassigned = Ranges("unassigned");
        MappedToNothing = Ranges("nothing");
        MappedToSpace = Ranges("space");
        Prohibited = Ranges("prohibited");
        RightToLeft = Ranges("right");
        LeftToRight = Ranges("left");
        var decomposed = Entries("decomposed")
            .ToFrozenDictionary(static e => CodePoint(e.Key), static e => e.Value.Split(',').Select(CodePoint).ToArray());
        var composed = Entries("composed").ToFrozenDictionary(
            static e => e.Key.Split(',') is [var first, var second] ? (CodePoint(first), CodePoint(second))
                : throw new InvalidOperationException(e.Key),
            static e => CodePoint(e.Value));
        var classes = Entries("class")
            .SelectMany(static e => Range(e.Key).Select(point => (point, int.Parse(e.Value, CultureInfo.InvariantCulture))))
            .ToFrozenDictionary(static e => e.point, static e => e.Item2);
        _normalizer = new(decomposed, composed, classes);
        _sections.Clear();
    }

    /// <summary>The tables.</summary>
    public static SaslPrepTables Instance => Lazily.Value;

    public (int First, int Last)[] Unassigned { get; }

    public (int First, int Last)[] MappedToNothing { get; }

    public (int First, int Last)[] MappedToSpace { get; }

    public (int First, int Last)[] Prohibited { get; }

    public (int First, int Last)[] RightToLeft { get; }

    public (int First, int Last)[] LeftToRight { get; }

    /// <summary>Whether a set has a code point.</summary>
    public static bool Contains((int First, int Last)[] set, int point)
    {
        var (low, high) = (0, set.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (point < set[middle].First)
                high = middle - 1;
            else if (point > set[middle].Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>Normalization form KC, as RFC 4013 wants it: that of Unicode 3.2.</summary>
    public List<int> Normalize(IEnumerable<int> points) => _normalizer.Normalize(points, composes: true);

    private (int First, int Last)[] Ranges(string section) =>
        [.. _sections[section].Select(static text => (CodePoint(text.Split('-')[0]), CodePoint(text.Split('-')[^1])))];

    private IEnumerable<KeyValuePair<string, string>> Entries(string section) =>
        _sections[section].Select(static text => text.Split('=') is [var key, var value] ? KeyValuePair.Create(key, value)
            : throw new InvalidOperationException(text));

    private static IEnumerable<int> Range(string text)
    {
        var first = CodePoint(text.Split('-')[0]);
        return Enumerable.Range(first, CodePoint(text.Split('-')[^1]) - first + 1);
    }

    private static int CodePoint(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static Dictionary<string, string[]> Read()
    {
        using var stream = typeof(SaslPrepTables).Assembly.GetManifestResourceStream("saslprep.txt")
            ?? throw new InvalidOperationException("The assembly lacks its resource saslprep.txt.");
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

        return sections.ToDictionary(static section => section.Key, static section => section.Value.ToArray(), StringComparer.Ordinal);
    }
}

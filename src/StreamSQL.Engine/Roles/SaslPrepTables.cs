using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace StreamSQL.Engine.Roles;

/// <summary>Sets of code points as sorted ranges, and the normalization form KC of Unicode 3.2, read from <c>saslprep.txt</c> when first needed.</summary>
internal sealed class SaslPrepTables
{
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11172;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TrailFirst = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;

    private static readonly Lazy<SaslPrepTables> Lazily = new(static () => new());

    private readonly Dictionary<string, string[]> _sections = Read();
    private readonly FrozenDictionary<int, int[]> _decomposed;
    private readonly FrozenDictionary<(int, int), int> _composed;
    private readonly FrozenDictionary<int, int> _classes;

    private SaslPrepTables()
    {
        Unassigned = Ranges("unassigned");
        MappedToNothing = Ranges("nothing");
        MappedToSpace = Ranges("space");
        Prohibited = Ranges("prohibited");
        RightToLeft = Ranges("right");
        LeftToRight = Ranges("left");
        _decomposed = Entries("decomposed").ToFrozenDictionary(static e => CodePoint(e.Key), static e => e.Value.Split(',').Select(CodePoint).ToArray());
        _composed = Entries("composed").ToFrozenDictionary(
            static e => e.Key.Split(',') is [var first, var second] ? (CodePoint(first), CodePoint(second)) : throw new InvalidOperationException(e.Key),
            static e => CodePoint(e.Value));
        _classes = Entries("class").SelectMany(static e => Range(e.Key).Select(point => (point, int.Parse(e.Value, CultureInfo.InvariantCulture))))
            .ToFrozenDictionary(static e => e.point, static e => e.Item2);
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

    /// <summary>Normalization form KC: .NET has none in invariant globalization, and RFC 4013 wants that of Unicode 3.2.</summary>
    public List<int> Normalize(IEnumerable<int> points)
    {
        var decomposed = new List<int>();
        foreach (var point in points)
            Decompose(point, decomposed);
        Order(decomposed);
        return Compose(decomposed);
    }

    private void Decompose(int point, List<int> into)
    {
        if (point - HangulFirst is >= 0 and < HangulCount and var syllable)
        {
            into.Add(LeadFirst + (syllable / (VowelCount * TrailCount)));
            into.Add(VowelFirst + (syllable % (VowelCount * TrailCount) / TrailCount));
            if (syllable % TrailCount != 0)
                into.Add(TrailFirst + (syllable % TrailCount));
        }
        else if (_decomposed.TryGetValue(point, out var parts))
        {
            into.AddRange(parts);
        }
        else
        {
            into.Add(point);
        }
    }

    /// <summary>Puts runs of combining marks into the order of their classes; marks of one class stay as they are.</summary>
    private void Order(List<int> points)
    {
        for (var start = 0; start < points.Count;)
        {
            var end = start;
            while (end < points.Count && ClassOf(points[end]) != 0)
                end++;
            if (end - start > 1)
            {
                var ordered = points[start..end].OrderBy(ClassOf).ToArray();
                for (var i = start; i < end; i++)
                    points[i] = ordered[i - start];
            }

            start = end + 1;
        }
    }

    private List<int> Compose(List<int> points)
    {
        var result = new List<int>(points.Count);
        var starter = -1;
        var lastClass = 0;
        foreach (var point in points)
        {
            var combining = ClassOf(point);
            var isNext = starter >= 0 && starter == result.Count - 1;
            if (starter >= 0 && (isNext || lastClass < combining) && Pair(result[starter], point) is { } composed)
            {
                result[starter] = composed;
                continue;
            }

            if (combining == 0)
                starter = result.Count;
            lastClass = combining;
            result.Add(point);
        }

        return result;
    }

    private int? Pair(int first, int second)
    {
        if (first - LeadFirst is >= 0 and < LeadCount and var lead && second - VowelFirst is >= 0 and < VowelCount and var vowel)
            return HangulFirst + (((lead * VowelCount) + vowel) * TrailCount);
        if (first - HangulFirst is >= 0 and < HangulCount and var syllable && syllable % TrailCount == 0 && second - TrailFirst is > 0 and < TrailCount and var trail)
            return first + trail;
        return _composed.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private int ClassOf(int point) => _classes.GetValueOrDefault(point);

    private (int First, int Last)[] Ranges(string section) => [.. _sections[section].Select(static text => (CodePoint(text.Split('-')[0]), CodePoint(text.Split('-')[^1])))];

    private IEnumerable<KeyValuePair<string, string>> Entries(string section) =>
        _sections[section].Select(static text => text.Split('=') is [var key, var value] ? KeyValuePair.Create(key, value) : throw new InvalidOperationException(text));

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

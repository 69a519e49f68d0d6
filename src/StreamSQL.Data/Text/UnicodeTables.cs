using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>
/// Tables of code points from a resource of an assembly: a line without a space in front begins a section, <c>#</c> a comment; all other
/// words are entries, such as <c>0041-005A</c> or <c>00C0=0041,0300</c>, in hexadecimal.
/// </summary>
public sealed class UnicodeTables
{
    private readonly Dictionary<string, List<string>> _sections = new(StringComparer.Ordinal);

    /// <summary>Reads a resource.</summary>
    /// <exception cref="InvalidOperationException">The assembly has none of that name.</exception>
    public UnicodeTables(Assembly assembly, string resource)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using var stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {resource}.");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var words = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(' '))
                words.AddRange(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            else if (!line.StartsWith('#'))
                _sections[line] = words = [];
        }
    }

    /// <summary>A section of ranges, in order.</summary>
    public (int First, int Last)[] Ranges(string section) => [.. _sections[section].Select(Range)];

    /// <summary>A section of code points, each with those that stand for it.</summary>
    public IEnumerable<KeyValuePair<int, int[]>> Decompositions(string section) =>
        Entries(section).Select(static entry => KeyValuePair.Create(Point(entry.Key), Points(entry.Value)));

    /// <summary>A section of pairs, each with the code point that stands for both.</summary>
    public FrozenDictionary<(int First, int Second), int> Compositions(string section) => Entries(section).ToFrozenDictionary(
        static entry => Points(entry.Key) is [var first, var second] ? (first, second) : throw new InvalidOperationException(entry.Key),
        static entry => Point(entry.Value));

    /// <summary>A section of ranges with a number for all of their code points.</summary>
    public FrozenDictionary<int, int> Numbers(string section) => Entries(section)
        .SelectMany(static entry => PointsOf(Range(entry.Key)).Select(point => KeyValuePair.Create(point, Number(entry.Value))))
        .ToFrozenDictionary();

    private IEnumerable<KeyValuePair<string, string>> Entries(string section) =>
        _sections[section].Select(static text => text.Split('=') is [var key, var value] ? KeyValuePair.Create(key, value)
            : throw new InvalidOperationException(text));

    private static (int First, int Last) Range(string text)
    {
        var ends = text.Split('-');
        return (Point(ends[0]), Point(ends[^1]));
    }

    private static IEnumerable<int> PointsOf((int First, int Last) range) => Enumerable.Range(range.First, range.Last - range.First + 1);

    private static int[] Points(string text) => [.. text.Split(',').Select(Point)];

    private static int Point(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

using System.Collections.Frozen;

namespace StreamSQL.Data.Text;

/// <summary>
/// Unicode's normalization (UAX #15) over given tables: .NET has none in invariant globalization, and each version of Unicode has its own.
/// </summary>
/// <param name="decomposed">Full decompositions, without Hangul.</param>
/// <param name="composed">What two code points become, without Hangul and what is excluded from composition.</param>
/// <param name="classes">Combining classes that are not 0.</param>
public sealed class UnicodeNormalizer(
    FrozenDictionary<int, int[]> decomposed, FrozenDictionary<(int First, int Second), int> composed, FrozenDictionary<int, int> classes)
{
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11172;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TrailFirst = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;

    /// <summary>The code points taken apart, in canonical order, and put together again where that is asked for.</summary>
    public List<int> Normalize(IEnumerable<int> points, bool composes)
    {
        var result = new List<int>();
        foreach (var point in points)
            Decompose(point, result);
        Order(result);
        return composes ? Compose(result) : result;
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
        else if (decomposed.TryGetValue(point, out var parts))
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
            if (starter >= 0 && (isNext || lastClass < combining) && Pair(result[starter], point) is { } both)
            {
                result[starter] = both;
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
        if (first - HangulFirst is >= 0 and < HangulCount and var syllable && syllable % TrailCount == 0
            && second - TrailFirst is > 0 and < TrailCount and var trail)
            return first + trail;
        return composed.TryGetValue((first, second), out var both) ? both : null;
    }

    private int ClassOf(int point) => classes.GetValueOrDefault(point);
}

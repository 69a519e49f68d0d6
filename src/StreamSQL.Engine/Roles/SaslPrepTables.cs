using System.Collections.Frozen;
using StreamSQL.Data.Text;

namespace StreamSQL.Engine.Roles;

/// <summary>
/// Sets of code points as sorted ranges, and the normalization form KC of Unicode 3.2, read from <c>saslprep.txt</c> when first needed.
/// </summary>
internal sealed class SaslPrepTables
{
    private static readonly Lazy<SaslPrepTables> Lazily = new(static () => new());

    private readonly UnicodeNormalizer _normalizer;

    private SaslPrepTables()
    {
        var tables = new UnicodeTables(typeof(SaslPrepTables).Assembly, "saslprep.txt");
        Unassigned = tables.Ranges("unassigned");
        MappedToNothing = tables.Ranges("nothing");
        MappedToSpace = tables.Ranges("space");
        Prohibited = tables.Ranges("prohibited");
        RightToLeft = tables.Ranges("right");
        LeftToRight = tables.Ranges("left");
        _normalizer = new(
            tables.Decompositions("decomposed").ToFrozenDictionary(), tables.Compositions("composed"), tables.Numbers("class"));
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
}

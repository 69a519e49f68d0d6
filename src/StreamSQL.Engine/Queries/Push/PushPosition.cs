using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>How far a push query has read in one partition of one of its sources.</summary>
/// <param name="Input">The source, by its topic; see <see cref="PushPlan.InputNames"/>.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Begin">
/// The offset that it began with, where its state is made of all that was read since; -1 where that does not matter, or is not told.
/// </param>
/// <param name="Offset">The offset of the next record.</param>
internal readonly record struct PushOffset(string Input, int Partition, long Begin, long Offset);

/// <summary>
/// How far a push query has read, as text: the next offset of each partition, <c>0:17,1:4</c>; of a query with state, the first offset
/// too, <c>0:3-17</c>; with the
/// topic in front where there are several sources, <c>orders/0:3-17</c>.
/// </summary>
internal static class PushPosition
{
    private const int MaxLength = 1 << 20;

    /// <summary>Writes a position.</summary>
    public static string Format(IEnumerable<PushOffset> offsets, bool withInputs)
    {
        var text = new StringBuilder();
        foreach (var (input, partition, begin, offset) in offsets)
        {
            if (text.Length > 0)
                text.Append(',');
            if (withInputs)
                text.Append(input).Append('/');
            text.Append(CultureInfo.InvariantCulture, $"{partition}:");
            if (begin >= 0)
                text.Append(CultureInfo.InvariantCulture, $"{begin}-");
            text.Append(CultureInfo.InvariantCulture, $"{offset}");
        }

        return text.ToString();
    }

    /// <summary>Reads a position: what it says of each partition that it names.</summary>
    /// <param name="text">The position.</param>
    /// <param name="inputs">By name of a source: how many partitions it has.</param>
    /// <param name="position">Where it stands in the statement.</param>
    /// <exception cref="SqlException">22023: it is none, or names partitions that the sources do not have.</exception>
    public static Dictionary<(string Input, int Partition), PushOffset> Parse(
        string text, IReadOnlyDictionary<string, int> inputs, TextPosition position)
    {
        var offsets = new Dictionary<(string Input, int Partition), PushOffset>();
        if (text.Length is 0 or > MaxLength)
            throw Invalid(text, position);
        foreach (var part in text.Split(','))
        {
            if (Read(part, inputs) is not { } read || !offsets.TryAdd((read.Input, read.Partition), read))
                throw Invalid(text, position);
        }

        return offsets;
    }

    private static PushOffset? Read(string part, IReadOnlyDictionary<string, int> inputs)
    {
        var slash = part.IndexOf('/', StringComparison.Ordinal);
        var input = slash >= 0 ? part[..slash] : inputs.Count == 1 ? inputs.Keys.First() : "";
        var rest = part.AsSpan(slash + 1);
        var colon = rest.IndexOf(':');
        if (colon < 0 || !inputs.TryGetValue(input, out var partitions)
            || !int.TryParse(rest[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var partition) || partition >= partitions)
            return null;
        var numbers = rest[(colon + 1)..];
        var dash = numbers.IndexOf('-');
        var begin = -1L;
        if (dash >= 0 && !TryRead(numbers[..dash], out begin))
            return null;
        return TryRead(numbers[(dash + 1)..], out var offset) && begin <= offset ? new PushOffset(input, partition, begin, offset) : null;
    }

    private static bool TryRead(ReadOnlySpan<char> text, out long offset) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out offset);

    private static SqlException Invalid(string text, TextPosition position)
    {
        const int Shown = 100;
        var shown = text.Length <= Shown ? text : text[..Shown] + "...";
        return new(
            PostgresErrorCodes.InvalidParameterValue, $"\"{shown}\" is no position of this query",
            "AS OF takes what a progress row gave as streamsql_position: the next offset of each partition, such as '0:17,1:4'.", position);
    }
}

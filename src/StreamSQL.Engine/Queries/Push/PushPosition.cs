using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// How far a push query has read, as text: the next offset of each partition, <c>0:17,1:4</c>; with the topic in front where there are several sources,
/// <c>orders/0:17</c>.
/// </summary>
internal static class PushPosition
{
    private const int MaxLength = 1 << 20;

    /// <summary>Writes a position.</summary>
    public static string Format(IEnumerable<(TopicPartition Partition, long Offset)> offsets, bool withTopics)
    {
        var text = new StringBuilder();
        foreach (var (partition, offset) in offsets)
        {
            if (text.Length > 0)
                text.Append(',');
            if (withTopics)
                text.Append(partition.Topic).Append('/');
            text.Append(CultureInfo.InvariantCulture, $"{partition.Partition}:{offset}");
        }

        return text.ToString();
    }

    /// <summary>Reads a position of one source: the offset of each of its partitions; -1 for one that the position does not name, since it has come later.</summary>
    /// <exception cref="SqlException">22023: it is none, or names partitions that the source does not have.</exception>
    public static long[] Parse(string text, int partitions, TextPosition position)
    {
        var offsets = new long[partitions];
        Array.Fill(offsets, -1);
        if (text.Length is 0 or > MaxLength)
            throw Invalid(text, position);
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !int.TryParse(part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                || !long.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                || partition >= partitions || offsets[partition] >= 0)
                throw Invalid(text, position);
            offsets[partition] = offset;
        }

        return offsets;
    }

    private static SqlException Invalid(string text, TextPosition position)
    {
        const int Shown = 100;
        var shown = text.Length <= Shown ? text : text[..Shown] + "...";
        return new(
            PostgresErrorCodes.InvalidParameterValue, $"\"{shown}\" is no position of this query",
            "AS OF takes what a progress row gave as streamsql_position: the next offset of each partition, such as '0:17,1:4'.", position);
    }
}

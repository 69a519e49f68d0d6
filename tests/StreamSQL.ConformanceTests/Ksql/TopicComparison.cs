using System.Text;
using StreamSQL.Kafka.Client;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>Compares a topic with the records that a case expects there.</summary>
/// <param name="key">The codec of keys.</param>
/// <param name="value">The codec of values.</param>
/// <param name="exactNumbers">Whether numbers are compared with their scale.</param>
internal sealed class TopicComparison(RecordCodec key, RecordCodec value, bool exactNumbers)
{
    /// <summary>The end of the name of a topic that only foreign-key joins have.</summary>
    private const string SubscriptionsSuffix = "-subscriptions-repartition";

    /// <summary>
    /// Whether some query joins tables by a foreign key: what it gives out on the way depends on how many changes come at once.
    /// </summary>
    public static async ValueTask<bool> HasForeignKeyJoinsAsync(IBrokerClient broker, CancellationToken cancellation) =>
        (await broker.GetTopicsAsync(null, cancellation)).Any(
            static topic => topic.Name.EndsWith(SubscriptionsSuffix, StringComparison.Ordinal));

    /// <summary>Record by record, in the order of the topic; null when all are there.</summary>
    public string? CompareInOrder(IReadOnlyList<CaseRecord> expected, IReadOnlyList<StoredRecord> actual)
    {
        for (var i = 0; i < Math.Min(expected.Count, actual.Count); i++)
        {
            if ((CompareKey(expected[i], actual[i]) ?? CompareRest(expected[i], actual[i])) is { } difference)
                return $"record {i + 1}: {difference}";
        }

        return CompareCounts(expected, actual);
    }

    /// <summary>The records of each key in their order; those without a key in any.</summary>
    public string? CompareByKey(IReadOnlyList<CaseRecord> expected, IReadOnlyList<StoredRecord> actual)
    {
        var left = actual.ToList();
        for (var i = 0; i < expected.Count; i++)
        {
            var wanted = expected[i];
            var at = wanted.Key is null
                ? left.FindIndex(record => CompareKey(wanted, record) is null && CompareRest(wanted, record) is null)
                : left.FindIndex(record => CompareKey(wanted, record) is null);
            if (at < 0)
                return $"expected record {i + 1}, {wanted}, is not there{Surplus(left)}";
            if (CompareRest(wanted, left[at]) is { } difference)
                return $"expected record {i + 1}, {wanted}: {difference}";
            left.RemoveAt(at);
        }

        return left.Count == 0 ? null : $"{actual.Count} records, expected {expected.Count}{Surplus(left)}";
    }

    /// <summary>The last value of each key that is not deleted.</summary>
    public string? CompareTables(IReadOnlyList<CaseRecord> expected, IReadOnlyList<StoredRecord> actual)
    {
        var rows = new Dictionary<string, StoredRecord>();
        foreach (var record in actual)
            rows[Convert.ToBase64String(record.Key ?? [])] = record;
        var left = rows.Values.Where(static row => row.Value is not null).ToList();
        var seen = new HashSet<string>();
        foreach (var wanted in expected.Reverse())
        {
            if (!seen.Add($"{wanted.Key?.GetRawText()} {wanted.Window}") || wanted.Value is null)
                continue;
            var at = left.FindIndex(record => CompareKey(wanted, record) is null);
            if (at < 0)
                return $"the row {wanted} is not there";
            if (value.Compare(wanted.Value, left[at].Value, exactNumbers) is { } difference)
                return $"the row {wanted}: {difference}";
            left.RemoveAt(at);
        }

        return left.Count == 0 ? null : $"there are rows too much{Surplus(left)}";
    }

    private static string? CompareCounts(IReadOnlyList<CaseRecord> expected, IReadOnlyList<StoredRecord> actual) =>
        expected.Count == actual.Count
        ? null
        : $"{actual.Count} records, expected {expected.Count}"
            + (expected.Count > actual.Count ? $"; the next would be {expected[actual.Count]}" : Surplus([.. actual.Skip(expected.Count)]));

    private static string Surplus(List<StoredRecord> records) => records.Count == 0
        ? ""
        : $"; there is {Text(records[0].Key)} = {Text(records[0].Value)} @{records[0].Timestamp}";

    private static string Text(byte[]? bytes) => bytes is null ? "null" : Encoding.UTF8.GetString(bytes);

    private string? CompareKey(CaseRecord expected, StoredRecord actual)
    {
        var bytes = actual.Key;
        if (expected.Window is { } window)
        {
            if (bytes is null)
                return $"expected a window {window}, got no key";
            (bytes, var start, var end) = TopicContent.SplitWindow(bytes, window.IsSession);
            if (start != window.Start || (end is not null && end != window.End))
                return $"expected the window {window}, got [{start}, {end}]";
        }

        return key.Compare(expected.Key, bytes, exactNumbers) is { } difference ? $"key: {difference}" : null;
    }

    private string? CompareRest(CaseRecord expected, StoredRecord actual)
    {
        if (value.Compare(expected.Value, actual.Value, exactNumbers) is { } difference)
            return $"value: {difference}";
        if (expected.Timestamp is { } timestamp && timestamp != actual.Timestamp)
            return $"time: expected {timestamp}, got {actual.Timestamp}";
        return expected.Headers.SequenceEqual(actual.Headers)
            ? null
            : $"headers: expected {string.Join(", ", expected.Headers)}, got {string.Join(", ", actual.Headers)}";
    }
}

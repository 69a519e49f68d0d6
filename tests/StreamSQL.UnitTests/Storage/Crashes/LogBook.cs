using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Crashes;

/// <summary>What was appended to a log, in order, and how much of it was acknowledged.</summary>
internal sealed class LogBook
{
    private readonly List<BookedRecord> _records = [];

    /// <summary>Records below this were acknowledged as durable.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>The start that was acknowledged.</summary>
    public long Start { get; set; }

    /// <summary>The start that may have been reached.</summary>
    public long MaxStart { get; set; }

    /// <summary>The offset of the next record.</summary>
    public int Count => _records.Count;

    public void Add(BookedRecord record) => _records.Add(record);

    public void Acknowledge(int count) => Acknowledged = Math.Max(Acknowledged, count);

    /// <summary>Forgets records that are gone, which must not have been acknowledged.</summary>
    public void CutTo(int count)
    {
        if (count < Acknowledged || count > Count)
            throw new InvalidOperationException(
                $"After a restart {count} records are there, of {Count}; {Acknowledged} had been acknowledged.");
        _records.RemoveRange(count, Count - count);
    }

    public BookSnapshot Now() => new([.. _records], Acknowledged, Start, MaxStart);
}

/// <summary>A record that was appended.</summary>
/// <param name="Value">Its value, which no other record has.</param>
/// <param name="Key">Its key; null without one.</param>
/// <param name="Group">The atomic group that it belongs to; 0 for none.</param>
internal sealed record BookedRecord(string Value, string? Key = null, int Group = 0);

/// <summary>A log's book at one moment.</summary>
internal sealed record BookSnapshot(BookedRecord[] Records, int Acknowledged, long Start, long MaxStart)
{
    /// <summary>
    /// Compares a recovered log that was not compacted: it is a prefix of what was appended, and holds all that was acknowledged.
    /// </summary>
    public void CheckPlain(PartitionLog log)
    {
        CheckBounds(log);
        var found = Found(log);
        if (found.Count != log.EndOffset - log.StartOffset)
            throw new InvalidOperationException(
                $"Log {log.Id} goes from {log.StartOffset} to {log.EndOffset}, but {found.Count} records were read.");
        foreach (var record in found)
            CheckRecord(log, record);
    }

    /// <summary>
    /// Compares a recovered log that is compacted: what is there was appended at its offset, and the last record of each key is there.
    /// </summary>
    public void CheckCompacted(PartitionLog log)
    {
        CheckBounds(log);
        var found = Found(log);
        foreach (var record in found)
            CheckRecord(log, record);
        var there = found.Select(record => record.Offset).ToHashSet();
        var last = new Dictionary<string, int>();
        for (var i = 0; i < log.EndOffset; i++)
            last[Records[i].Key!] = i;
        foreach (var (key, offset) in last)
        {
            if (offset >= log.StartOffset && !there.Contains(offset))
                throw new InvalidOperationException($"The last record of key {key}, at offset {offset}, is gone.");
        }
    }

    /// <summary>Compares a log that was opened although something is damaged.</summary>
    public void CheckDamaged(PartitionLog log, bool mayLoseEnd, bool isCompacted)
    {
        var there = new HashSet<long>();
        for (var offset = log.StartOffset; offset < log.EndOffset;)
        {
            using var read = log.ReadIntact(offset, 2000, log.EndOffset);
            if (read.IsEmpty)
                break;
            foreach (var record in TestBatches.Records(read.Batches.Span).Where(record => record.Offset >= offset))
            {
                CheckRecord(log, record);
                there.Add(record.Offset);
            }

            offset = read.NextOffset;
        }

        if (!mayLoseEnd && log.EndOffset < Acknowledged)
            throw new InvalidOperationException($"Log {log.Id} ends at {log.EndOffset}; {Acknowledged} records had been acknowledged.");
        for (var offset = log.StartOffset; offset < log.EndOffset && !isCompacted; offset++)
        {
            if (!there.Contains(offset) && !log.Damage.Any(range => offset >= range.FirstOffset && offset < range.EndOffset))
                throw new InvalidOperationException($"Offset {offset} of log {log.Id} is gone, and not said to be damaged.");
        }
    }

    private void CheckBounds(PartitionLog log)
    {
        if (log.EndOffset < Acknowledged)
            throw new InvalidOperationException($"Log {log.Id} ends at {log.EndOffset}; {Acknowledged} records had been acknowledged.");
        if (log.EndOffset > Records.Length)
            throw new InvalidOperationException($"Log {log.Id} ends at {log.EndOffset}; only {Records.Length} records were ever appended.");
        if (log.StartOffset < Start || log.StartOffset > MaxStart)
            throw new InvalidOperationException($"Log {log.Id} starts at {log.StartOffset}, not at {Start} to {MaxStart}.");
        if (log.Damage.Count > 0)
            throw new InvalidOperationException($"A power cut was taken for damage: {log.Damage[0]}.");
    }

    private void CheckRecord(PartitionLog log, TestRecord record)
    {
        if (record.Value != Records[record.Offset].Value)
            throw new InvalidOperationException(
                $"Log {log.Id} holds '{record.Value}' at {record.Offset}, not '{Records[record.Offset].Value}'.");
    }

    private static List<TestRecord> Found(PartitionLog log)
    {
        var found = new List<TestRecord>();
        for (var offset = log.StartOffset; offset < log.EndOffset;)
        {
            using var read = log.Read(offset, 2000, log.EndOffset);
            if (read.IsEmpty)
                break; // compaction took the rest
            foreach (var record in TestBatches.Records(read.Batches.Span))
            {
                if (record.Offset >= offset)
                    found.Add(record);
            }

            if (read.NextOffset <= offset)
                throw new InvalidOperationException($"Log {log.Id} stands still at {offset}.");
            offset = read.NextOffset;
        }

        return found;
    }
}

using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>Consecutive records of one partition, still encoded, as slices of the buffer they were fetched into. Reused.</summary>
internal sealed class RecordRun
{
    private long[] _timestamps = [];
    private long[] _offsets = [];

    /// <summary>The records' keys.</summary>
    public SliceList Keys { get; } = new();

    /// <summary>The records' values.</summary>
    public SliceList Values { get; } = new();

    /// <summary>How many records there are.</summary>
    public int Count => Keys.Count;

    /// <summary>The records' timestamps, milliseconds.</summary>
    public ReadOnlySpan<long> Timestamps => _timestamps.AsSpan(0, Count);

    /// <summary>The records' offsets.</summary>
    public ReadOnlySpan<long> Offsets => _offsets.AsSpan(0, Count);

    /// <summary>The encoded headers of the records that have some.</summary>
    public SliceList Headers { get; } = new();

    /// <summary>Whose headers <see cref="Headers"/> are: row and number of headers.</summary>
    public List<(int Row, int Count)> HeaderRows { get; } = [];

    /// <summary>The offset after the last record; the run covers all offsets below it.</summary>
    public long NextOffset { get; set; }

    /// <summary>Bytes of keys and values.</summary>
    public long SizeInBytes
    {
        get
        {
            long bytes = 0;
            for (var i = 0; i < Count; i++)
                bytes += Keys[i].Length + Values[i].Length;
            return bytes;
        }
    }

    /// <summary>Empties the run; slices are of <paramref name="buffer"/>.</summary>
    public void Reset(byte[] buffer)
    {
        Keys.Reset(buffer);
        Values.Reset(buffer);
        Headers.Reset();
        HeaderRows.Clear();
    }

    /// <summary>Adds a record; a length of -1 is a null.</summary>
    public void Add(int keyStart, int keyLength, int valueStart, int valueLength, long timestamp, long offset)
    {
        var row = Count;
        if (row >= _offsets.Length)
        {
            Array.Resize(ref _timestamps, Math.Max(256, row * 2));
            Array.Resize(ref _offsets, _timestamps.Length);
        }

        _timestamps[row] = timestamp;
        _offsets[row] = offset;
        Keys.Add(keyStart, keyLength);
        Values.Add(valueStart, valueLength);
    }

    /// <summary>Adds the headers of the record that was added last.</summary>
    public void AddHeaders(ReadOnlySpan<byte> headers, int count)
    {
        Headers.Append(headers);
        HeaderRows.Add((Count - 1, count));
    }

    /// <summary>Makes this run a window of another one; the slices stay where they are.</summary>
    public void SetWindow(RecordRun source, int start, int count)
    {
        Reset(source.Keys.Buffer);
        for (var i = start; i < start + count; i++)
        {
            Add(source.Keys.Starts[i], source.Keys.Lengths[i], source.Values.Starts[i], source.Values.Lengths[i],
                source._timestamps[i], source._offsets[i]);
        }

        for (var i = 0; i < source.HeaderRows.Count; i++)
        {
            var (row, headerCount) = source.HeaderRows[i];
            if (row < start || row >= start + count)
                continue;
            Headers.Append(source.Headers[i]);
            HeaderRows.Add((row - start, headerCount));
        }

        NextOffset = start + count == source.Count ? source.NextOffset : source._offsets[start + count];
    }
}

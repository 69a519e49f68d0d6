using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// The different values of one group and how often each is there, in order of arrival, found through an open-addressing table over the
/// column. A value that is gone keeps its entry, with a count of 0, until half of them are gone.
/// </summary>
internal sealed class ValueCounts(SqlType type)
{
    private Column _values = Column.Create(type);
    private long[] _counts = [];
    private int[] _table = [];

    /// <summary>How many entries there are, those with a count of 0 too.</summary>
    public int Entries { get; private set; }

    /// <summary>How many different values there are.</summary>
    public int Different { get; private set; }

    /// <summary>The values, by entry.</summary>
    public Column Values => _values;

    /// <summary>The entry of the first value that is there.</summary>
    public int First => Array.FindIndex(_counts, 0, Entries, static count => count > 0);

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => 120 + _values.MemoryBytes + (8L * _counts.Length) + (4L * _table.Length);

    /// <summary>How often the value of an entry is there.</summary>
    public long CountOf(int entry) => _counts[entry];

    /// <summary>Changes how often a value is there, down to 0; a new one is left out when there are so many already.</summary>
    public void Add(Column source, int row, long difference, int limit)
    {
        if (2 * Entries >= _table.Length)
            Rebuild();
        var mask = _table.Length - 1;
        var at = (int)ColumnValue.Hash(source, row) & mask;
        while (_table[at] != 0 && !ColumnValue.AreEqual(_values, _table[at] - 1, source, row))
            at = (at + 1) & mask;
        if (_table[at] == 0)
        {
            if (difference < 0 || Different >= limit)
                return;
            if (Entries == _counts.Length)
                Array.Resize(ref _counts, Math.Max(4, 2 * _counts.Length));
            _values.CopyRow(source, row, Entries);
            _counts[Entries] = 0;
            _table[at] = ++Entries;
        }

        ref var count = ref _counts[_table[at] - 1];
        var wasThere = count > 0;
        if (!wasThere && Different >= limit)
            return;
        count = Math.Max(0, count + difference);
        Different += (count > 0 ? 1 : 0) - (wasThere ? 1 : 0);
    }

    /// <summary>Leaves out the values that are gone, and makes the table large enough for as many again.</summary>
    private void Rebuild()
    {
        if (Different < Entries)
        {
            int[] kept = [.. Enumerable.Range(0, Entries).Where(entry => _counts[entry] > 0)];
            var values = Column.Create(type);
            values.Reset(kept.Length);
            values.Gather(_values, kept, 0);
            for (var i = 0; i < kept.Length; i++)
                _counts[i] = _counts[kept[i]];
            (_values, Entries) = (values, kept.Length);
        }

        _table = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, 4 * Entries))];
        var mask = _table.Length - 1;
        for (var i = 0; i < Entries; i++)
        {
            var at = (int)ColumnValue.Hash(_values, i) & mask;
            while (_table[at] != 0)
                at = (at + 1) & mask;
            _table[at] = i + 1;
        }
    }
}

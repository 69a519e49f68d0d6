namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Counts, for some keys and one window after the other, in how many slices the open commit has touched
/// a key and in how many the last commit knows it.
/// </summary>
internal sealed class WindowTouches(SliceKeys keys)
{
    private int[] _touched = [];
    private int[] _committed = [];
    private int _from;
    private int _to;
    private long _start;

    /// <summary>Begins with other keys, before the first window.</summary>
    public void Begin()
    {
        if (_touched.Length < keys.Count)
        {
            _touched = new int[keys.Count];
            _committed = new int[keys.Count];
        }

        Array.Clear(_touched);
        Array.Clear(_committed);
        _from = _to = 0;
        _start = -1;
    }

    /// <summary>Goes on to a later window.</summary>
    public void MoveTo(long start, int from, int to)
    {
        // What leaves had come in only if a window before this one counted it.
        for (; _from < from; _from++)
        {
            if (_from < _to && keys.Part(_from).FirstWindow <= _start)
                Count(_from, -1);
        }

        for (var part = from; part < to; part++)
        {
            var first = keys.Part(part).FirstWindow;
            if (first <= start && (part >= _to || first > _start))
                Count(part, 1);
        }

        (_to, _start) = (to, start);
    }

    /// <summary>Whether the open commit has touched a key's group in the window.</summary>
    public bool IsTouched(int position) => _touched[position] > 0;

    /// <summary>Whether the last commit knows a key's group in the window.</summary>
    public bool IsCommitted(int position) => _committed[position] > 0;

    private void Count(int part, int step)
    {
        var table = keys.Part(part);
        var slots = keys.SlotsOf(part);
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] < 0)
                continue;
            if (table.IsTouched(slots[i]))
                _touched[i] += step;
            if (table.IsCommitted(slots[i]))
                _committed[i] += step;
        }
    }
}

namespace StreamSQL.Engine.State;

/// <content>What is known of a row, what goes to the changelog, and what a changelog or a snapshot brings back.</content>
internal sealed partial class JoinBuffer
{
    private Dictionary<long, int>? _rowsByNumber;

    /// <summary>What is known of a row.</summary>
    [Flags]
    internal enum RowFlags : byte
    {
        /// <summary>Nothing: the number is free, or the row is not stored.</summary>
        None = 0,

        /// <summary>The row is stored.</summary>
        Live = 1,

        /// <summary>It was stored in the open commit.</summary>
        New = 2,

        /// <summary>It waits for a match.</summary>
        Held = 4,

        /// <summary>It has ceased to wait in the open commit.</summary>
        Released = 8,

        /// <summary>It goes with the open commit.</summary>
        Going = 16,
    }

    private Dictionary<long, int> RowsByNumber
    {
        get
        {
            if (_rowsByNumber is not null)
                return _rowsByNumber;
            _rowsByNumber = [];
            for (var row = 0; row < _limit; row++)
            {
                if ((_flags[row] & RowFlags.Live) != 0)
                    _rowsByNumber[_numbers[row]] = row;
            }

            return _rowsByNumber;
        }
    }

    /// <summary>The rows stored in the open commit.</summary>
    internal IReadOnlyList<int> NewRows => _new;

    /// <summary>The rows that have ceased to wait in the open commit.</summary>
    internal IReadOnlyList<int> ReleasedRows => _released;

    /// <summary>Calls back for each row that goes with the open commit.</summary>
    internal void VisitGoing(Action<int> visit)
    {
        foreach (var span in _expired)
        {
            for (var row = _spans.First(span); row >= 0; row = _spans.Next(row))
            {
                if ((_flags[row] & RowFlags.Going) != 0)
                    visit(row);
            }
        }
    }

    /// <summary>The clock as the last commit left it.</summary>
    internal TableClock CommittedClock => _committedClock;

    /// <summary>The row that was logged under a number, for restoring; -1 when it is not here.</summary>
    internal int FindNumber(long number) => RowsByNumber.GetValueOrDefault(number, None);

    /// <summary>Adds a committed row (restore); the values are copied by the caller.</summary>
    internal int RestoreRow(ReadOnlySpan<byte> key, long time, long number, bool isHeld)
    {
        var row = TakeNumber();
        EnsureRows();
        var slot = Index.FindOrAdd(key);
        EnsureKeys();
        _numbers[row] = number;
        _flags[row] = RowFlags.Live;
        _nextNumber = Math.Max(_nextNumber, number + 1);
        Link(row, slot, time);
        RowsByNumber[number] = row;
        if (isHeld)
            Hold(row);
        return row;
    }

    /// <summary>Removes a row (restore).</summary>
    internal void RestoreRemoval(int row)
    {
        RowsByNumber.Remove(_numbers[row]);
        TakeOut(row);
    }

    /// <summary>Sets the clock outside any commit (restore).</summary>
    internal void RestoreClock(TableClock clock)
    {
        Clock = new TableClock(Math.Max(Clock.StreamTime, clock.StreamTime), Math.Max(Clock.FinalTime, clock.FinalTime));
        _committedClock = Clock;
    }
}

using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>The window functions that give the value of another row: they find its number, and all values are copied at once.</summary>
internal sealed class ValueFunctions
{
    private const int Nowhere = -1;
    private int[] _rows = [];

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => 4L * _rows.Length;

    /// <summary>LAG and LEAD: value, offset, default.</summary>
    public void Neighbour(bool isLead, WindowPartitions partitions, ReadOnlySpan<Column> arguments, Column result)
    {
        Ensure(partitions.RowCount);
        var offsets = arguments.Length > 1 ? (FixedColumn<int>)arguments[1] : null;
        for (var p = 0; p < partitions.Count; p++)
        {
            var (from, to) = (partitions.Starts[p], partitions.Starts[p + 1]);
            for (var row = from; row < to; row++)
            {
                var offset = offsets is null ? 1 : (long)offsets[row];
                var other = row + (isLead ? offset : -offset);
                _rows[row] = other >= from && other < to ? (int)other : Nowhere;
            }
        }

        Copy(arguments[0], partitions.RowCount, arguments.Length > 2 ? arguments[2] : null, offsets, result);
    }

    /// <summary>FIRST_VALUE, LAST_VALUE and NTH_VALUE.</summary>
    public void OfFrame(WindowFunctionKind kind, WindowFrames frames, WindowPartitions partitions, ReadOnlySpan<Column> arguments,
        Column result)
    {
        Ensure(partitions.RowCount);
        var numbers = kind == WindowFunctionKind.NthValue ? (FixedColumn<int>)arguments[1] : null;
        for (var row = 0; row < partitions.RowCount; row++)
        {
            var parts = FrameParts.Of(frames, partitions, row);
            _rows[row] = kind switch
            {
                WindowFunctionKind.FirstValue => parts.FromStart(0),
                WindowFunctionKind.LastValue => parts.FromEnd(),
                _ => numbers!.IsNull(row) ? Nowhere : parts.FromStart(Positive(numbers[row]) - 1),
            };
        }

        Copy(arguments[0], partitions.RowCount, null, null, result);
    }

    private static int Positive(int number) => number > 0 ? number
        : throw new SqlException(PostgresErrorCodes.InvalidArgumentForNthValueFunction, "argument of nth_value must be greater than zero");

    private void Ensure(int rows)
    {
        if (_rows.Length < rows)
            _rows = new int[rows];
    }

    private void Copy(Column values, int count, Column? otherwise, Column? offsets, Column result)
    {
        // Rows without one are first copied from row 0, and corrected after that.
        var rows = _rows.AsSpan(0, count);
        var missing = new List<int>();
        for (var row = 0; row < count; row++)
        {
            if (rows[row] != Nowhere && offsets?.IsNull(row) != true)
                continue;
            missing.Add(row);
            rows[row] = 0;
        }

        result.Gather(values, rows, 0);
        foreach (var row in missing)
        {
            if (otherwise is null || offsets?.IsNull(row) == true)
                result.SetNull(row);
            else
                result.CopyRow(otherwise, row, row);
        }
    }
}

/// <summary>
/// The rows of a frame: what is before the excluded rows, the row itself where only its ties are left out, what is behind.
/// </summary>
internal readonly record struct FrameParts(int BeforeStart, int BeforeEnd, int Self, int AfterStart, int AfterEnd)
{
    /// <summary>The parts of a row's frame.</summary>
    public static FrameParts Of(WindowFrames frames, WindowPartitions partitions, int row)
    {
        var (start, end) = (frames.Start[row], frames.End[row]);
        if (frames.Exclusion == FrameExclusion.None)
            return new(start, end, -1, end, end);
        var (from, to) = frames.Exclusion == FrameExclusion.CurrentRow
            ? (row, row + 1) : (partitions.PeerStart[row], partitions.PeerEnd[row]);
        var self = frames.Exclusion == FrameExclusion.Ties && row >= start && row < end ? row : -1;
        var beforeEnd = Math.Max(start, Math.Min(end, from));
        var afterStart = Math.Min(end, Math.Max(start, to));
        return new(start, beforeEnd, self, afterStart, end);
    }

    /// <summary>The row at a position from the start; -1 where the frame is shorter.</summary>
    public int FromStart(int position)
    {
        if (position < BeforeEnd - BeforeStart)
            return BeforeStart + position;
        position -= BeforeEnd - BeforeStart;
        if (Self >= 0 && position-- == 0)
            return Self;
        return position < AfterEnd - AfterStart ? AfterStart + position : -1;
    }

    /// <summary>The last row; -1 where the frame is empty.</summary>
    public int FromEnd() => AfterEnd > AfterStart ? AfterEnd - 1 : Self >= 0 ? Self : BeforeEnd > BeforeStart ? BeforeEnd - 1 : -1;
}

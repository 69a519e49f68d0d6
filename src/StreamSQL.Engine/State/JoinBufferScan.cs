using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// Walks over the committed rows of a <see cref="JoinBuffer"/>. A block: the clock, the count, then for each row its time, number, whether
/// it waits, and its encoded key with its length; then the values column by column.
/// </summary>
internal sealed class JoinBufferScan(JoinBuffer buffer) : StateScan
{
    private readonly int[] _rows = new int[ChangeBatch.MaxRows];
    private readonly Column[] _values = [.. buffer.Values.Select(static column => Column.Create(column.Type))];
    private int _next;
    private bool _hasClock;

    /// <inheritdoc/>
    public override int Write(ByteWriter block, int maxRows)
    {
        var count = 0;
        for (; _next < buffer.Limit && count < Math.Min(maxRows, _rows.Length); _next++)
        {
            if ((buffer.FlagsOf(_next) & (JoinBuffer.RowFlags.Live | JoinBuffer.RowFlags.New)) == JoinBuffer.RowFlags.Live)
                _rows[count++] = _next;
        }

        // A buffer without rows still has a clock.
        if (count == 0 && _hasClock)
            return 0;
        _hasClock = true;
        block.WriteInt64(buffer.CommittedClock.StreamTime);
        block.WriteInt64(buffer.CommittedClock.FinalTime);
        block.WriteInt32(count);
        var rows = _rows.AsSpan(0, count);
        foreach (var row in rows)
            WriteHead(row, block);
        for (var c = 0; c < _values.Length; c++)
        {
            _values[c].Reset(count);
            _values[c].Gather(buffer.Values[c], rows, 0);
            ColumnBlocks.Write(_values[c], count, block);
        }

        return Math.Max(count, 1);
    }

    /// <summary>Adds the rows of a block to a buffer.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a block.</exception>
    public static void Load(JoinBuffer buffer, ref BlockReader block)
    {
        buffer.RestoreClock(new TableClock(block.ReadInt64(), block.ReadInt64()));
        var count = block.ReadRowCount();
        var rows = new int[count];
        for (var i = 0; i < count; i++)
        {
            var (time, number, isHeld) = (block.ReadInt64(), block.ReadInt64(), block.ReadByte() != 0);
            var key = block.Read(block.ReadInt32());

            // One that changed while the snapshot was written may come twice.
            rows[i] = buffer.FindNumber(number);
            if (rows[i] < 0)
                rows[i] = buffer.RestoreRow(key, time, number, isHeld);
        }

        var numbers = Operators.RowNumbers.Ascending(count);
        foreach (var values in buffer.Values)
        {
            var column = Column.Create(values.Type);
            ColumnBlocks.Read(ref block, column, count);
            values.Scatter(column, numbers, rows);
        }

        if (!block.IsAtEnd)
            throw new InvalidDataException("a block of a join buffer is too long");
        buffer.Settle();
    }

    private void WriteHead(int row, ByteWriter block)
    {
        block.WriteInt64(buffer.TimeOf(row));
        block.WriteInt64(buffer.NumberOf(row));
        block.Append(1)[0] = (buffer.FlagsOf(row) & (JoinBuffer.RowFlags.Held | JoinBuffer.RowFlags.Released)) != 0 ? (byte)1 : (byte)0;
        var key = buffer.KeyOf(row);
        var length = buffer.Index.EncodedLength(key);
        block.WriteInt32(length);
        buffer.Index.WriteEncoded(key, block.Append(length));
    }
}

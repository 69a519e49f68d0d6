using System.Buffers;
using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>An aggregate that shows everything: the BIGINT values of a group in the order they came, as text.</summary>
internal sealed class ListState : AggregateState
{
    private readonly List<List<long>> _groups = [];

    public static AggregateBinding Binding { get; } =
        new([SqlType.BigInt], SqlType.Varchar, CanRetract: true, static () => new ListState());

    public override long MemoryBytes => _groups.Sum(static group => 8L * group.Count);

    public override void EnsureSlots(int count)
    {
        while (_groups.Count < count)
            _groups.Add([]);
    }

    public override void Clear(int slot) => _groups[slot] = [];

    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            _groups[slots[i]].Add(((FixedColumn<long>)arguments[0])[rows[i]]);
            if (output is not null)
                Read(slots.Slice(i, 1), output, i);
        }
    }

    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            _groups[slots[i]].Remove(((FixedColumn<long>)arguments[0])[rows[i]]).ShouldBeTrue();
            if (output is not null)
                Read(slots.Slice(i, 1), output, i);
        }
    }

    public override void Merge(int slot, AggregateState other, int otherSlot) =>
        _groups[slot].AddRange([.. ((ListState)other)._groups[otherSlot]]);

    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            ((BytesColumn)output).Set(at + i, Encoding.UTF8.GetBytes(string.Join('+', _groups[slots[i]])));
    }

    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        var group = _groups[slot];
        writer.Write(BitConverter.GetBytes(group.Count));
        foreach (var value in group)
            writer.Write(BitConverter.GetBytes(value));
    }

    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        if (source.Length < 4 || BitConverter.ToInt32(source) > (source.Length - 4) / 8)
            throw new InvalidDataException("a list is cut off");
        var count = BitConverter.ToInt32(source);
        _groups[slot] = [];
        for (var i = 0; i < count; i++)
            _groups[slot].Add(BitConverter.ToInt64(source[(4 + (8 * i))..]));
        return 4 + (8 * count);
    }
}

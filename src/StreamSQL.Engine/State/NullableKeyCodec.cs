using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.State;

/// <summary>
/// The changelog's form of keys some of whose columns may be NULL, and the index's form: in the index every key column has a null byte, in
/// the changelog only those of keys that have a NULL (<see cref="StateEntries.NullableRowKind"/>). Not thread-safe.
/// </summary>
internal sealed class NullableKeyCodec
{
    private readonly RowTable _table;
    private readonly KeyEncoder _plain;
    private readonly KeyEncoder _nullable;
    private readonly KeyBatch _encoded = new();
    private readonly Column[] _key;

    /// <summary>Creates the codec of a table whose keys are nullable.</summary>
    public NullableKeyCodec(RowTable table)
    {
        _table = table;
        var types = table.Schema.Columns.Take(table.KeyCount).Select(static column => column.Type).ToArray();
        _plain = new KeyEncoder(types, nullable: false);
        _nullable = new KeyEncoder(types, nullable: true);
        _key = types.Select(Column.Create).ToArray();
    }

    /// <summary>Appends the changelog's key of a slot.</summary>
    public void Append(int slot, SliceList keys)
    {
        Reset();
        _table.Index.ReadKeys([slot], _key, 0);
        if (HasNull())
        {
            StateEntries.AppendRowKey([], _table.Index, slot, keys, StateEntries.NullableRowKind);
            return;
        }

        _plain.Encode(_key, RowSelection.All(1), _encoded);
        var key = _encoded[0];
        var target = keys.Reserve(1 + key.Length);
        target[0] = StateEntries.RowKind;
        key.CopyTo(target[1..]);
        keys.Commit(1 + key.Length);
    }

    /// <summary>The index's form of a key that has no NULL, lent until the next call.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a key of the table.</exception>
    public ReadOnlySpan<byte> WithNullBytes(ReadOnlySpan<byte> key)
    {
        Reset();
        _plain.Decode(key, _key, 0);
        _nullable.Encode(_key, RowSelection.All(1), _encoded);
        return _encoded[0];
    }

    private void Reset()
    {
        foreach (var column in _key)
            column.Reset(1);
    }

    private bool HasNull()
    {
        foreach (var column in _key)
        {
            if (column.IsNull(0))
                return true;
        }

        return false;
    }
}

using StreamSQL.Data.Types;

namespace StreamSQL.Data.Columns;

/// <summary>
/// Text (UTF-8) or bytes as slices of one buffer. The buffer is either the column's own, to which <see cref="Set"/> appends, or a
/// foreign one (<see cref="Attach"/>), such as the record batch that the values were decoded from: then nothing is copied, and
/// the column is valid only as long as that buffer is.
/// </summary>
public sealed class BytesColumn : Column
{
    private byte[] _own = [];
    private byte[] _buffer;
    private int _used;
    private int[] _starts = [];
    private int[] _lengths = [];

    /// <summary>Creates an empty column.</summary>
    public BytesColumn(SqlType type)
        : base(type) => _buffer = _own;

    /// <summary>The buffer that the slices lie in.</summary>
    public byte[] Buffer => _buffer;

    /// <summary>Where each row's slice starts.</summary>
    public int[] Starts => _starts;

    /// <summary>How many bytes each row's slice has.</summary>
    public int[] Lengths => _lengths;

    /// <inheritdoc/>
    public override long MemoryBytes => _own.Length + (8L * _starts.Length);

    /// <summary>The bytes of a row, also in a constant column.</summary>
    public ReadOnlySpan<byte> this[int row]
    {
        get
        {
            row = Physical(row);
            return _buffer.AsSpan(_starts[row], _lengths[row]);
        }
    }

    /// <summary>Lets the slices lie in a foreign buffer: fill <see cref="Starts"/> and <see cref="Lengths"/>. Undone by Reset.</summary>
    public void Attach(byte[] buffer) => _buffer = buffer;

    /// <summary>Copies <paramref name="value"/> to the column's own buffer and makes it the value of a row.</summary>
    public void Set(int row, ReadOnlySpan<byte> value)
    {
        value.CopyTo(Allocate(row, value.Length));
    }

    /// <summary>
    /// Makes room for <paramref name="length"/> bytes in the column's own buffer as the value of a row, to be filled by the caller.
    /// </summary>
    public Span<byte> Allocate(int row, int length)
    {
        if (!ReferenceEquals(_buffer, _own))
            Detach();
        if (length > _own.Length - _used)
            GrowBuffer(length);
        _starts[row] = _used;
        _lengths[row] = length;
        var room = _own.AsSpan(_used, length);
        _used += length;
        return room;
    }

    /// <summary>Makes another row's slice the value of a row too; both share the bytes.</summary>
    public void SetSame(int row, int otherRow)
    {
        _starts[row] = _starts[otherRow];
        _lengths[row] = _lengths[otherRow];
    }

    private protected override void Resize(int capacity, int keep)
    {
        Array.Resize(ref _starts, capacity);
        Array.Resize(ref _lengths, capacity);
        _starts.AsSpan(keep).Clear();
        _lengths.AsSpan(keep).Clear();
    }

    private protected override void Clear()
    {
        _buffer = _own;
        _used = 0;
        _lengths.AsSpan().Clear();
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows, int at)
    {
        var from = (BytesColumn)source;
        for (var i = 0; i < rows.Length; i++)
        {
            if (!source.IsNull(rows[i]))
                Set(at + i, from[rows[i]]);
        }
    }

    private protected override void ShowValues(Column source, ReadOnlySpan<int> rows)
    {
        var from = (BytesColumn)source;
        Attach(from._buffer);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = from.Physical(rows[i]);
            (_starts[i], _lengths[i]) = (from._starts[row], from._lengths[row]);
        }
    }

    private protected override void ShowRunValues(Column source, int start, int count)
    {
        var from = (BytesColumn)source;
        Attach(from._buffer);
        from._starts.AsSpan(start, count).CopyTo(_starts);
        from._lengths.AsSpan(start, count).CopyTo(_lengths);
    }

    private protected override void ScatterValues(Column source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        var from = (BytesColumn)source;
        for (var i = 0; i < rows.Length; i++)
        {
            if (!source.IsNull(sourceRows[i]))
                Set(rows[i], from[sourceRows[i]]);
        }
    }

    /// <summary>Copies the foreign slices to the own buffer: from here on the column owns all its bytes.</summary>
    private void Detach()
    {
        var foreign = _buffer;
        _buffer = _own;
        _used = 0;
        for (var row = 0; row < _starts.Length; row++)
        {
            var length = _lengths[row];
            if (length == 0)
            {
                // An empty slice must lie in the new buffer too.
                _starts[row] = 0;
                continue;
            }

            if (length > _own.Length - _used)
                GrowBuffer(length);
            foreign.AsSpan(_starts[row], length).CopyTo(_own.AsSpan(_used));
            _starts[row] = _used;
            _used += length;
        }
    }

    private void GrowBuffer(int length)
    {
        var size = Math.Max(checked(_used + length), Math.Max(1024, (int)Math.Min(2L * _own.Length, Array.MaxLength)));
        Array.Resize(ref _own, size);
        _buffer = _own;
    }
}

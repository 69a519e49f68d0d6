using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.State;

/// <summary>
/// Turns key columns into bytes that are equal exactly when the keys are, and that sort as the keys do. Not thread-safe.
/// </summary>
/// <remarks>
/// The layout is stable, since changelogs and snapshots hold it. Per column: a byte 1, or 0 for null
/// (only where keys may be null); then the value as <see cref="KeyValueCodec"/> writes it. The bytes of
/// a text in the last column stand as they are.
/// </remarks>
internal sealed class KeyEncoder
{
    private readonly PhysicalKind[] _kinds;
    private readonly bool _nullable;

    /// <summary>Creates an encoder.</summary>
    /// <param name="types">The key columns' types.</param>
    /// <param name="nullable">Whether key columns may be null.</param>
    public KeyEncoder(IReadOnlyList<SqlType> types, bool nullable)
    {
        _kinds = new PhysicalKind[types.Count];
        for (var i = 0; i < _kinds.Length; i++)
            _kinds[i] = types[i].Physical;
        _nullable = nullable;
    }

    /// <summary>Encodes the selected rows, position by position, and hashes them.</summary>
    public void Encode(ReadOnlySpan<Column> columns, RowSelection rows, KeyBatch target)
    {
        if (_kinds.Length == 1 && !_nullable && columns[0] is BytesColumn { Type.HasOwnOrder: false } text)
            Slice(text, rows, target);
        else if (_kinds.Length == 1 && columns[0] is BytesColumn { MayHaveNulls: false } marked && !KeyValueCodec.LosesForm(marked.Type))
            WriteTexts(marked, rows, target);
        else
            Write(columns, rows, target);
        target.HashAll();
    }

    /// <summary>Reads a key back into a row of the columns.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a key of these columns.</exception>
    public void Decode(ReadOnlySpan<byte> key, ReadOnlySpan<Column> columns, int row)
    {
        var reader = new KeyReader(key);
        for (var c = 0; c < _kinds.Length; c++)
        {
            if (_nullable && reader.ReadByte() == 0)
                columns[c].SetNull(row);
            else if (c == _kinds.Length - 1 && columns[c] is BytesColumn text)
                text.Set(row, reader.ReadRest());
            else
                KeyValueCodec.Read(ref reader, columns[c], row);
        }

        reader.ExpectEnd();
    }

    /// <summary>Appends the first columns of a key, none of them NULL: keys that begin with them begin with these bytes.</summary>
    public void EncodeFront(ReadOnlySpan<Column> columns, int row, KeyBatch target)
    {
        for (var c = 0; c < columns.Length; c++)
        {
            if (_nullable)
                target.Reserve(1)[0] = 1;
            WriteValue(columns[c], c, row, target);
        }
    }

    /// <summary>Appends how keys begin whose first column, a text, begins with some bytes.</summary>
    public void EncodeTextFront(ReadOnlySpan<byte> text, KeyBatch target)
    {
        if (_nullable)
            target.Reserve(1)[0] = 1;
        if (_kinds.Length == 1)
            text.CopyTo(target.Reserve(text.Length));
        else
            KeyValueCodec.WriteOpenBytes(text, target);
    }

    /// <summary>A single text is its own encoding: the keys stay where they are.</summary>
    private static void Slice(BytesColumn text, RowSelection rows, KeyBatch target)
    {
        target.Attach(text.Buffer, rows.Count);
        if (rows.IsDense && !text.IsConstant)
        {
            text.Starts.AsSpan(0, rows.Count).CopyTo(target.Starts);
            text.Lengths.AsSpan(0, rows.Count).CopyTo(target.Lengths);
            return;
        }

        for (var i = 0; i < rows.Count; i++)
        {
            var row = text.Physical(rows[i]);
            target.Starts[i] = text.Starts[row];
            target.Lengths[i] = text.Lengths[row];
        }
    }

    /// <summary>Texts of which none is NULL, each behind its mark; room for all of them is made at once.</summary>
    private static void WriteTexts(BytesColumn text, RowSelection rows, KeyBatch target)
    {
        target.Begin(rows.Count);
        var size = rows.Count;
        for (var i = 0; i < rows.Count; i++)
            size = checked(size + text.Lengths[text.Physical(rows[i])]);
        var room = target.Reserve(size);
        var written = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var key = text[rows[i]];
            room[written] = 1;
            key.CopyTo(room[(written + 1)..]);
            (target.Starts[i], target.Lengths[i]) = (written, key.Length + 1);
            written += key.Length + 1;
        }
    }

    private void Write(ReadOnlySpan<Column> columns, RowSelection rows, KeyBatch target)
    {
        target.Begin(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var start = target.Written;
            var row = rows[i];
            for (var c = 0; c < columns.Length; c++)
            {
                var column = columns[c];
                if (_nullable)
                {
                    var isNull = column.IsNull(row);
                    target.Reserve(1)[0] = isNull ? (byte)0 : (byte)1;
                    if (isNull)
                        continue;
                }

                WriteValue(column, c, row, target);
            }

            target.End(i, start);
        }
    }

    private void WriteValue(Column column, int place, int row, KeyBatch target)
    {
        if (place == _kinds.Length - 1 && column is BytesColumn { Type.HasOwnOrder: false } text)
            text[row].CopyTo(target.Reserve(text[row].Length));
        else
            KeyValueCodec.Write(column, column.Physical(row), target);
    }
}

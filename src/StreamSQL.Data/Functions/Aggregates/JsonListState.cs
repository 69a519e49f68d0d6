using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// JSON_AGG, JSON_OBJECT_AGG and their jsonb kin: the text of each group, without its brackets. Saved
/// as a 4-byte length (-1: no row yet) and that text.
/// </summary>
/// <param name="isObject">Whether the first argument is the field's name.</param>
/// <param name="isBinary">Whether it is jsonb: without PostgreSQL's blanks around the parts of an object.</param>
internal sealed class JsonListState(bool isObject, bool isBinary) : AggregateState
{
    private ArrayBufferWriter<byte>?[] _texts = [];
    private long _bytes;
    private bool _hasLines;

    /// <inheritdoc/>
    public override long MemoryBytes => (8L * _texts.Length) + _bytes;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count > _texts.Length)
            Array.Resize(ref _texts, SlotArrays.Size(_texts.Length, count));
    }

    /// <inheritdoc/>
    public override void Clear(int slot)
    {
        _bytes -= _texts[slot]?.Capacity ?? 0;
        _texts[slot] = null;
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        // PostgreSQL begins a line for each array and each row in json, and for nothing else.
        _hasLines = !isBinary && arguments[^1].Type.IsNested;
        for (var i = 0; i < rows.Count; i++)
        {
            var text = Continue(slots[i], out var before);
            if (isObject)
                AppendName(arguments[0], rows[i], text);
            else if (_hasLines && text.WrittenCount > 0 && !arguments[^1].IsNull(rows[i]))
                text.Write("\n "u8);
            JsonbText.Format(arguments[^1], rows[i], text, DateForms.Utc, isBinary ? JsonLayout.Spaced : JsonLayout.Compact);
            _bytes += text.Capacity - before;
            if (output is not null)
                Write(slots[i], (BytesColumn)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("JSON_AGG cannot take rows back.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        if (((JsonListState)other)._texts[otherSlot] is not { } from)
            return;
        var text = Continue(slot, out var before);
        if (((JsonListState)other)._hasLines && !isObject && text.WrittenCount > 0 && !from.WrittenSpan.StartsWith("null"u8))
            text.Write("\n "u8);
        text.Write(from.WrittenSpan);
        _bytes += text.Capacity - before;
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(slots[i], (BytesColumn)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        var text = _texts[slot];
        ColumnValueCodec.WriteFixed(text?.WrittenCount ?? -1, writer);
        if (text is not null)
            writer.Write(text.WrittenSpan);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        Clear(slot);
        var used = ColumnValueCodec.ReadFixed(source, out int length);
        if (length < -1 || length > source.Length - used)
            throw new InvalidDataException($"A JSON aggregate has an impossible length of {length}.");
        if (length < 0)
            return used;
        var text = Continue(slot, out var before);
        text.Write(source.Slice(used, length));
        _bytes += text.Capacity - before;
        return used + length;
    }

    /// <summary>A group's text, with what stands between two values at its end.</summary>
    private ArrayBufferWriter<byte> Continue(int slot, out int bytesBefore)
    {
        ref var text = ref _texts[slot];
        bytesBefore = text?.Capacity ?? 0;
        if (text is null)
            text = new ArrayBufferWriter<byte>(64);
        else
            text.Write(", "u8);
        return text;
    }

    private void AppendName(Column names, int row, ArrayBufferWriter<byte> text)
    {
        if (names.IsNull(row))
            throw new SqlException(Npgsql.PostgresErrorCodes.InvalidParameterValue, "field name must not be null");
        JsonbText.FormatName(names, names.Physical(row), text, DateForms.Utc);
        text.Write(isBinary ? ": "u8 : " : "u8);
    }

    // jsonb has each key once, in its own order.
    private static void WriteNormal(ReadOnlySpan<byte> text, ReadOnlySpan<byte> open, ReadOnlySpan<byte> close, BytesColumn output, int at)
    {
        using var document = JsonValue.TryParse([.. open, .. text, .. close])
            ?? throw new InvalidOperationException("what was written as JSON is no JSON");
        output.Set(at, JsonValue.ToJsonb(document.RootElement));
    }

    private void Write(int slot, BytesColumn output, int at)
    {
        if (_texts[slot] is not { } text)
        {
            output.SetNull(at);
            return;
        }

        var open = !isObject ? "["u8 : isBinary ? "{"u8 : "{ "u8;
        var close = !isObject ? "]"u8 : isBinary ? "}"u8 : " }"u8;
        if (isBinary)
        {
            WriteNormal(text.WrittenSpan, open, close, output, at);
            return;
        }

        var room = output.Allocate(at, open.Length + text.WrittenCount + close.Length);
        open.CopyTo(room);
        text.WrittenSpan.CopyTo(room[open.Length..]);
        close.CopyTo(room[(open.Length + text.WrittenCount)..]);
    }
}

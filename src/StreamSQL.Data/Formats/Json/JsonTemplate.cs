using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json;

/// <summary>An object with a fixed list of fields: its constant parts (<c>{"A":</c>, <c>,"B":</c>) are ready to be copied.</summary>
internal sealed class JsonTemplate
{
    /// <summary>The longest scalar of fixed size is a DECIMAL; a quoted double is shorter.</summary>
    private const int MaxScalar = DecimalText.MaxLength;

    private readonly Part[] _parts;

    /// <summary>Room for the constant parts and all scalars of fixed size.</summary>
    private readonly int _fixedSize;

    /// <summary>The fields whose size depends on the row.</summary>
    private readonly int[] _texts;

    /// <summary>Prepares the parts.</summary>
    public JsonTemplate(IReadOnlyList<FormatField> fields)
    {
        _parts = new Part[fields.Count];
        _fixedSize = 2;
        for (var i = 0; i < fields.Count; i++)
        {
            _parts[i] = new Part(fields[i], isFirst: i == 0);
            _fixedSize = checked(_fixedSize + _parts[i].Lead.Length + MaxScalar);
        }

        _texts = [.. Enumerable.Range(0, fields.Count).Where(i => fields[i].Type.Physical == PhysicalKind.Bytes)];
    }

    /// <summary>The template of the STRUCT inside a type, if there is one.</summary>
    public static JsonTemplate? Inside(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Struct => new JsonTemplate([.. type.Fields.Select(static f => new FormatField(f.Name, f.Type))]),
        SqlTypeKind.Array or SqlTypeKind.Map => Inside(type.Element!),
        _ => null,
    };

    /// <summary>Writes an object.</summary>
    public void Write(ref SliceOutput output, ReadOnlySpan<Column> columns, int row)
    {
        var size = RoomFor(columns, row);
        // In bounds: the room holds every lead and the longest text of every scalar of this row.
        ref var next = ref MemoryMarshal.GetReference(output.Reserve(size));
        ref var start = ref next;
        for (var i = 0; i < _parts.Length; i++)
        {
            var part = _parts[i];
            next = ref part.CopyLead(ref next);
            var column = columns[i];
            if (column.IsNull(row))
            {
                "null"u8.CopyTo(MemoryMarshal.CreateSpan(ref next, 4));
                next = ref Unsafe.Add(ref next, 4);
            }
            else if (part.Physical == PhysicalKind.Int64)
            {
                next = ref Unsafe.Add(ref next, IntegerText.Write(ref next, ((FixedColumn<long>)column)[row]));
            }
            else if (part.Physical < PhysicalKind.Array)
            {
                var room = MemoryMarshal.CreateSpan(ref next, RoomFor(column, column.Physical(row)));
                next = ref Unsafe.Add(ref next, WriteScalar(room, column, column.Physical(row)));
            }
            else
            {
                output.Advance((int)Unsafe.ByteOffset(ref start, ref next));
                JsonNested.Write(ref output, column, column.Physical(row), part.Inner);
                next = ref MemoryMarshal.GetReference(output.Reserve(size));
                start = ref next;
            }
        }

        next = _parts.Length == 0 ? (byte)'{' : (byte)'}';
        Unsafe.Add(ref next, 1) = (byte)'}';
        output.Advance((int)Unsafe.ByteOffset(ref start, ref next) + (_parts.Length == 0 ? 2 : 1));
    }

    /// <summary>Room that any scalar of a column's row fits in.</summary>
    public static int RoomFor(Column column, int row) =>
        column is BytesColumn bytes ? checked(MaxScalar + JsonText.MaxStringLength(bytes.Lengths[row])) : MaxScalar;

    /// <summary>
    /// Writes a value that is neither null nor nested; the room is what <see cref="RoomFor(Column, int)"/> says. Returns the bytes written.
    /// </summary>
    public static int WriteScalar(Span<byte> room, Column column, int row)
    {
        switch (column.Type.Physical)
        {
            case PhysicalKind.Int64:
                return IntegerText.Write(room, ((FixedColumn<long>)column).Values[row]);
            case PhysicalKind.Int32:
                return IntegerText.Write(room, ((FixedColumn<int>)column).Values[row]);
            case PhysicalKind.Bytes:
                var bytes = (BytesColumn)column;
                return column.Type.Kind == SqlTypeKind.Bytes ? WriteBase64(room, bytes[row]) : JsonText.WriteString(room, bytes[row]);
            case PhysicalKind.Double:
                return WriteDouble(room, ((FixedColumn<double>)column).Values[row]);
            case PhysicalKind.Int128:
                return DecimalText.Write(room, ((FixedColumn<Int128>)column).Values[row], column.Type.Scale);
            default:
                var word = ((FixedColumn<byte>)column).Values[row] != 0 ? "true"u8 : "false"u8;
                word.CopyTo(room);
                return word.Length;
        }
    }

    private int RoomFor(ReadOnlySpan<Column> columns, int row)
    {
        var size = _fixedSize;
        foreach (var text in _texts)
        {
            var column = (BytesColumn)columns[text];
            if (!column.IsNull(row))
                size = checked(size + JsonText.MaxStringLength(column.Lengths[column.Physical(row)]));
        }

        return size;
    }

    private static int WriteBase64(Span<byte> room, ReadOnlySpan<byte> value)
    {
        room[0] = (byte)'"';
        Base64.EncodeToUtf8(value, room[1..], out _, out var written);
        room[written + 1] = (byte)'"';
        return written + 2;
    }

    /// <summary>What is no number in JSON is written as a string, as Jackson does.</summary>
    private static int WriteDouble(Span<byte> room, double value)
    {
        if (double.IsFinite(value))
            return DoubleText.WriteJava(room, value);
        room[0] = (byte)'"';
        var length = 1 + DoubleText.WriteJava(room[1..], value);
        room[length] = (byte)'"';
        return length + 1;
    }

    /// <summary>The bytes before a field's value, padded to whole vectors, and what is known of its type.</summary>
    private sealed class Part
    {
        public Part(FormatField field, bool isFirst)
        {
            var name = Encoding.UTF8.GetBytes(field.Name);
            var lead = new byte[2 + JsonText.MaxStringLength(name.Length)];
            lead[0] = isFirst ? (byte)'{' : (byte)',';
            LeadLength = 1 + JsonText.WriteString(lead.AsSpan(1), name);
            lead[LeadLength++] = (byte)':';
            Lead = new byte[(LeadLength + 31) / 32 * 32];
            lead.AsSpan(0, LeadLength).CopyTo(Lead);
            Physical = field.Type.Physical;
            Inner = Inside(field.Type);
        }

        public byte[] Lead { get; }

        public int LeadLength { get; }

        public PhysicalKind Physical { get; }

        public JsonTemplate? Inner { get; }

        /// <summary>Copies whole vectors: what they write too much is written over by the value. Gives the place behind the lead.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref byte CopyLead(ref byte destination)
        {
            ref var lead = ref MemoryMarshal.GetArrayDataReference(Lead);
            Vector256.LoadUnsafe(ref lead).StoreUnsafe(ref destination);
            for (var i = Vector256<byte>.Count; i < LeadLength; i += Vector256<byte>.Count)
                Vector256.LoadUnsafe(ref lead, (nuint)i).StoreUnsafe(ref destination, (nuint)i);
            return ref Unsafe.Add(ref destination, LeadLength);
        }
    }
}

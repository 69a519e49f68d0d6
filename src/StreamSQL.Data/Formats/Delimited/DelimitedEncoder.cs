using System.Buffers.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Delimited;

/// <summary>
/// Writes rows as delimited text, quoted as ksqlDB's CSV library quotes: where a reader needs it, and the first field also when it does not
/// start with a letter or digit. The empty string is quoted so that it is read back as one; NULL is an empty field.
/// </summary>
internal sealed class DelimitedEncoder : RecordEncoder
{
    private readonly byte _delimiter;
    private byte[] _text = new byte[DateTimeText.MaxLength];

    /// <summary>Creates an encoder.</summary>
    public DelimitedEncoder(byte delimiter) => _delimiter = delimiter;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<Column> columns, RowSelection rows, SliceList target)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var written = 0;
            for (var c = 0; c < columns.Length; c++)
            {
                var isNull = columns[c].IsNull(row);
                var text = isNull ? default : Text(columns[c], row);
                var room = target.Reserve(checked(written + (2 * text.Length) + 3))[written..];
                var at = 0;
                if (c > 0)
                    room[at++] = _delimiter;
                written += at + (isNull ? 0 : Write(room[at..], text, isFirst: c == 0));
            }

            target.Commit(written);
        }
    }

    private int Write(Span<byte> room, ReadOnlySpan<byte> text, bool isFirst)
    {
        if (!NeedsQuotes(text, isFirst))
        {
            text.CopyTo(room);
            return text.Length;
        }

        var at = 0;
        room[at++] = (byte)'"';
        foreach (var value in text)
        {
            room[at++] = value;
            if (value == (byte)'"')
                room[at++] = value;
        }

        room[at++] = (byte)'"';
        return at;
    }

    private bool NeedsQuotes(ReadOnlySpan<byte> text, bool isFirst) =>
        text.IsEmpty || (isFirst && !char.IsAsciiLetterOrDigit((char)text[0])) || text[0] <= (byte)'#' || text[^1] <= (byte)' '
            || text.IndexOfAny("\r\n\""u8) >= 0 || text.Contains(_delimiter);

    private ReadOnlySpan<byte> Text(Column column, int row)
    {
        row = column.Physical(row);
        return column switch
        {
            BytesColumn bytes => column.Type.Kind == SqlTypeKind.Bytes ? Base64Text(bytes[row]) : bytes[row],
            FixedColumn<byte> booleans => booleans.Values[row] != 0 ? "true"u8 : "false"u8,
            FixedColumn<int> ints => _text.AsSpan(0, IntegerText.Write(_text, ints.Values[row])),
            FixedColumn<long> longs => _text.AsSpan(0, IntegerText.Write(_text, longs.Values[row])),
            FixedColumn<double> doubles => _text.AsSpan(0, DoubleText.WriteJava(_text, doubles.Values[row])),
            FixedColumn<Int128> decimals => _text.AsSpan(0, DecimalText.Write(_text, decimals.Values[row], column.Type.Scale)),
            _ => throw new ArgumentException($"The DELIMITED format has no {column.Type}.", nameof(column)),
        };
    }

    private Span<byte> Base64Text(ReadOnlySpan<byte> value)
    {
        var length = Base64.GetMaxEncodedToUtf8Length(value.Length);
        if (_text.Length < length)
            _text = new byte[length];
        Base64.EncodeToUtf8(value, _text, out _, out var written);
        return _text.AsSpan(0, written);
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// The general JSON decoder: any layout, all types. A wrapped record is an object with a member per field; an unwrapped one is the value of
/// the only field.
/// </summary>
internal sealed class JsonDecoder : RecordDecoder
{
    private readonly JsonObjectReader _object;
    private readonly bool _wrapped;
    private readonly string _onlyName;

    /// <summary>Creates a decoder.</summary>
    public JsonDecoder(IReadOnlyList<FormatField> fields, bool wrapped)
    {
        _object = new JsonObjectReader([.. fields.Select(static f => f.Name)], [.. fields.Select(static f => f.Type)]);
        _wrapped = wrapped;
        _onlyName = fields.Count == 1 ? fields[0].Name : "";
    }

    /// <summary>Resolves member names and reads objects; the shape decoder learns from it.</summary>
    internal JsonObjectReader Object => _object;

    /// <inheritdoc/>
    public override void Decode(SliceList source, Column?[] columns, DecodeErrors errors)
    {
        Attach(source.Buffer, columns);
        for (var row = 0; row < source.Count; row++)
            DecodeRow(source, row, columns, errors);
    }

    /// <summary>Lets all text columns share the records' buffer.</summary>
    internal static void Attach(byte[] buffer, ReadOnlySpan<Column?> columns) => SharedBuffer.Attach(buffer, columns, withBytes: false);

    /// <summary>Decodes one record.</summary>
    internal void DecodeRow(SliceList source, int row, ReadOnlySpan<Column?> columns, DecodeErrors errors)
    {
        if (source.IsNull(row))
        {
            SetNulls(columns, row);
            return;
        }

        var cursor = new JsonCursor(source.Buffer, source.Starts[row], source.Lengths[row]);
        if (Read(ref cursor, columns, row) && cursor.ReadEnd())
            return;
        SetNulls(columns, row);
        errors.Report(row, errors.WantsReason ? JsonFaults.Describe(cursor.Fault, cursor.FaultColumn, cursor.FaultType,
            cursor.FaultPosition) : "");
    }

    private bool Read(ref JsonCursor cursor, ReadOnlySpan<Column?> columns, int row)
    {
        var first = cursor.Peek();
        if (!_wrapped)
            return ReadUnwrapped(ref cursor, columns, row);
        if (first == (byte)'{')
            return _object.Read(ref cursor, columns, row);
        if (first != (byte)'n')
            return cursor.FailHere();
        SetNulls(columns, row);
        return cursor.ReadWord("null"u8);
    }

    private bool ReadUnwrapped(ref JsonCursor cursor, ReadOnlySpan<Column?> columns, int row)
    {
        if (columns[0] is not { } column)
            return cursor.SkipValue();
        if (_object.ReaderOf(0).Read(ref cursor, column, row))
            return true;
        cursor.FaultColumn = cursor.FaultColumn is null ? _onlyName : $"{_onlyName}->{cursor.FaultColumn}";
        return false;
    }

    private static void SetNulls(ReadOnlySpan<Column?> columns, int row)
    {
        foreach (var column in columns)
            column?.SetNull(row);
    }
}

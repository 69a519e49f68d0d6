namespace StreamSQL.Data.Columns;

/// <summary>Lets columns share the buffer that their values are decoded from, so that nothing is copied.</summary>
internal static class SharedBuffer
{
    /// <summary>Attaches all columns of text to a buffer, nested ones too.</summary>
    /// <param name="buffer">The records' buffer.</param>
    /// <param name="columns">The columns; null where one is not wanted.</param>
    /// <param name="withBytes">Whether those of BYTES too: not where a format writes them as text that has to be decoded.</param>
    public static void Attach(byte[] buffer, ReadOnlySpan<Column?> columns, bool withBytes)
    {
        foreach (var column in columns)
            Attach(buffer, column, withBytes);
    }

    private static void Attach(byte[] buffer, Column? column, bool withBytes)
    {
        switch (column)
        {
            case BytesColumn bytes when withBytes || bytes.Type.Kind != Types.SqlTypeKind.Bytes:
                bytes.Attach(buffer);
                break;
            case ArrayColumn array:
                Attach(buffer, array.Elements, withBytes);
                break;
            case MapColumn map:
                Attach(buffer, map.Keys, withBytes);
                Attach(buffer, map.Values, withBytes);
                break;
            case StructColumn structs:
                Attach(buffer, structs.Fields, withBytes);
                break;
        }
    }
}

namespace StreamSQL.Data.Formats.Json;

/// <summary>Passes over arrays and objects before their content is read or copied.</summary>
internal static class JsonCounting
{
    /// <summary>
    /// Counts an array's elements; the position goes from its bracket to after its end. What it passes is then known to be well-formed.
    /// </summary>
    public static bool CountElements(ref JsonCursor cursor, out int count) => Count(ref cursor, (byte)']', named: false, out count);

    /// <summary>Counts an object's members, likewise.</summary>
    public static bool CountMembers(ref JsonCursor cursor, out int count) => Count(ref cursor, (byte)'}', named: true, out count);

    /// <summary>Copies well-formed JSON without the white space between its tokens; returns the bytes written.</summary>
    public static int CopyWithoutSpace(ReadOnlySpan<byte> json, Span<byte> destination)
    {
        var written = 0;
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var value = json[i];
            if (!inString && value <= 0x20)
                continue;
            destination[written++] = value;
            if (value == (byte)'"')
                inString = !inString;
            else if (value == (byte)'\\')
                destination[written++] = json[++i];
        }

        return written;
    }

    private static bool Count(ref JsonCursor cursor, byte close, bool named, out int count)
    {
        count = 0;
        cursor.Position++;
        if (cursor.Peek() == close)
        {
            cursor.Position++;
            return true;
        }

        while (true)
        {
            if (named && !cursor.ReadName(out _))
                return false;
            cursor.Peek();
            if (!cursor.SkipValue())
                return false;
            count++;
            var next = cursor.Peek();
            if (next != (byte)',' && next != close)
                return cursor.FailHere();
            cursor.Position++;
            if (next == close)
                return true;
        }
    }
}

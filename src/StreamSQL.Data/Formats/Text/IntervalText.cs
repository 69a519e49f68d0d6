namespace StreamSQL.Data.Formats.Text;

/// <summary>Spans of time (milliseconds) in PostgreSQL's interval style: <c>2 days 03:04:05.5</c>.</summary>
internal static class IntervalText
{
    /// <summary>Writes a span; the destination has room for 40 bytes.</summary>
    public static int Write(Span<byte> destination, long millis)
    {
        var days = Math.DivRem(millis, 86_400_000, out var rest);
        var at = 0;
        if (days != 0)
        {
            at = NumberText.WriteInt64(ref destination[0], days);
            var unit = days == 1 ? " day"u8 : " days"u8;
            unit.CopyTo(destination[at..]);
            at += unit.Length;
            if (rest == 0)
                return at;
            destination[at++] = (byte)' ';
        }

        if (rest < 0)
            destination[at++] = (byte)'-';
        return at + DateTimeText.WriteTime(destination[at..], (int)Math.Abs(rest), FractionStyle.Trimmed);
    }
}

namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>How an offset from UTC is written.</summary>
internal enum OffsetStyle : byte
{
    /// <summary>+02, and minutes only where there are some: +0530.</summary>
    Hours,

    /// <summary>+0200.</summary>
    Minutes,

    /// <summary>+02:00.</summary>
    ColonMinutes,

    /// <summary>+0200, and seconds only where there are some: +020030.</summary>
    Seconds,

    /// <summary>+02:00, and seconds only where there are some: +02:00:30.</summary>
    ColonSeconds,
}

/// <summary>An offset from UTC: X, x, Z.</summary>
/// <param name="style">Its form.</param>
/// <param name="usesZ">Whether no offset is Z.</param>
internal sealed class OffsetPart(OffsetStyle style, bool usesZ) : DatePatternPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Zone;

    private const int MaxHours = 18;

    /// <inheritdoc/>
    public override int MaxLength => 9;

    private bool HasColons => style is OffsetStyle.ColonMinutes or OffsetStyle.ColonSeconds;

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        values.HasOffset = true;
        values.OffsetMillis = 0;
        if (text.IsEmpty)
            return false;
        if (usesZ && (text[0] | 0x20) == 'z')
        {
            text = text[1..];
            return true;
        }

        if (text[0] is not ((byte)'+' or (byte)'-'))
            return false;
        var isNegative = text[0] == '-';
        text = text[1..];
        if (!TryReadDigits(ref text, 2, 2, out var hours))
            return false;
        var (minutes, seconds) = (0L, 0L);
        if (!TryReadTwo(ref text, ref minutes) && style != OffsetStyle.Hours)
            return false;
        if (style >= OffsetStyle.Seconds)
            TryReadTwo(ref text, ref seconds);
        values.OffsetMillis = ((hours * 3600) + (minutes * 60) + seconds) * (isNegative ? -1000 : 1000);
        return hours <= MaxHours && minutes < 60 && seconds < 60;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target)
    {
        if (usesZ && moment.OffsetSeconds == 0)
            return Copy("Z"u8, target);
        var rest = Math.Abs(moment.OffsetSeconds);
        target[0] = (byte)(moment.OffsetSeconds < 0 ? '-' : '+');
        var at = 1 + DateTimeText.WriteNumber(rest / 3600, 2, target[1..]);
        if (style != OffsetStyle.Hours || rest / 60 % 60 != 0)
            at += WriteTwo(rest / 60 % 60, target[at..]);
        if (style >= OffsetStyle.Seconds && rest % 60 != 0)
            at += WriteTwo(rest % 60, target[at..]);
        return at;
    }

    private bool TryReadTwo(ref ReadOnlySpan<byte> text, ref long number)
    {
        var rest = text;
        if (HasColons)
        {
            if (rest.IsEmpty || rest[0] != ':')
                return false;
            rest = rest[1..];
        }

        if (!TryReadDigits(ref rest, 2, 2, out var read))
            return false;
        text = rest;
        number = read;
        return true;
    }

    private int WriteTwo(int number, Span<byte> target)
    {
        var at = 0;
        if (HasColons)
            target[at++] = (byte)':';
        return at + DateTimeText.WriteNumber(number, 2, target[at..]);
    }
}

/// <summary>An offset behind GMT: O (GMT+8), OOOO and ZZZZ (GMT+08:00).</summary>
internal sealed class LocalizedOffsetPart(bool isFull) : DatePatternPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Zone;

    /// <inheritdoc/>
    public override int MaxLength => 12;

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (text.Length < 3 || !System.Text.Ascii.EqualsIgnoreCase(text[..3], "GMT"u8))
            return false;
        text = text[3..];
        values.HasOffset = true;
        values.OffsetMillis = 0;
        if (text.IsEmpty || text[0] is not ((byte)'+' or (byte)'-'))
            return true;
        var isNegative = text[0] == '-';
        text = text[1..];
        if (!TryReadDigits(ref text, isFull ? 2 : 1, 2, out var hours))
            return false;
        var (minutes, seconds) = (0L, 0L);
        if ((!TryReadTwo(ref text, ref minutes) && isFull) || minutes > 59)
            return false;
        TryReadTwo(ref text, ref seconds);
        values.OffsetMillis = ((hours * 3600) + (minutes * 60) + seconds) * (isNegative ? -1000 : 1000);
        return hours <= 18 && seconds < 60;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target)
    {
        var at = Copy("GMT"u8, target);
        if (moment.OffsetSeconds == 0)
            return at;
        var rest = Math.Abs(moment.OffsetSeconds);
        target[at++] = (byte)(moment.OffsetSeconds < 0 ? '-' : '+');
        at += DateTimeText.WriteNumber(rest / 3600, isFull ? 2 : 1, target[at..]);
        if (isFull || rest % 3600 != 0)
            at += WriteTwo(rest / 60 % 60, target[at..]);
        if (rest % 60 != 0)
            at += WriteTwo(rest % 60, target[at..]);
        return at;
    }

    private static bool TryReadTwo(ref ReadOnlySpan<byte> text, ref long number)
    {
        var rest = text;
        if (rest.IsEmpty || rest[0] != ':')
            return false;
        rest = rest[1..];
        if (!TryReadDigits(ref rest, 2, 2, out var read))
            return false;
        text = rest;
        number = read;
        return true;
    }

    private static int WriteTwo(int number, Span<byte> target)
    {
        target[0] = (byte)':';
        return 1 + DateTimeText.WriteNumber(number, 2, target[1..]);
    }
}

namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>A field as a number.</summary>
/// <param name="field">The field.</param>
/// <param name="minWidth">How many digits it has at least.</param>
/// <param name="maxWidth">How many it has at most, to be read.</param>
internal sealed class NumberPart(DateField field, int minWidth, int maxWidth) : DatePatternPart, IAdjacentPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => @field < DateField.Hour ? PatternNeeds.Date : PatternNeeds.Time;

    private int _digitsBehind;

    /// <inheritdoc/>
    public override int MaxLength => Math.Max(minWidth, IAdjacentPart.MaxDigits) + 1;

    /// <inheritdoc/>
    public int? FixedWidth => minWidth == maxWidth ? minWidth : null;

    /// <summary>Whether more digits than the least ones stand behind a sign, as those of years do.</summary>
    public bool ExceedsPad { get; init; }

    /// <summary>Whether it may be negative.</summary>
    public bool IsSigned { get; init; }

    /// <inheritdoc/>
    public void AddDigitsBehind(int digits) => _digitsBehind += digits;

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        var sign = text.IsEmpty ? 0 : text[0];
        var hasSign = (sign == '-' && IsSigned) || (sign == '+' && ExceedsPad);
        if (hasSign)
            text = text[1..];
        var before = text.Length;
        if (!TryReadDigits(ref text, minWidth, IAdjacentPart.Width(text, minWidth, maxWidth, _digitsBehind), out var number))
            return false;
        var width = before - text.Length;
        if (ExceedsPad && sign != '-' && hasSign != width > minWidth)
            return false;
        return values.TrySet(field, sign == '-' ? -number : number);
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target)
    {
        var number = moment[field];
        var at = 0;
        if (number < 0)
            target[at++] = (byte)'-';
        else if (ExceedsPad && number >= PowerOfTen(minWidth))
            target[at++] = (byte)'+';
        return at + WriteDigits(Math.Abs(number), minWidth, target[at..]);
    }

    private static long PowerOfTen(int digits)
    {
        var power = 1L;
        for (var i = 0; i < Math.Min(digits, 18); i++)
            power *= 10;
        return power;
    }

    private static int WriteDigits(long number, int minWidth, Span<byte> target)
    {
        number.TryFormat(target, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        if (length >= minWidth)
            return length;
        target[..length].CopyTo(target[(minWidth - length)..]);
        target[..(minWidth - length)].Fill((byte)'0');
        return minWidth;
    }
}

/// <summary>The year of an era: as a year, counted back before Christ.</summary>
internal sealed class EraYearPart(int width) : DatePatternPart, IAdjacentPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Date;

    private readonly NumberPart _number = new(DateField.Year, width, IAdjacentPart.MaxDigits) { ExceedsPad = width >= 4 };

    /// <inheritdoc/>
    public override int MaxLength => _number.MaxLength;

    /// <inheritdoc/>
    public int? FixedWidth => null;

    /// <inheritdoc/>
    public void AddDigitsBehind(int digits) => _number.AddDigitsBehind(digits);

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values) => _number.TryRead(ref text, ref values);

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target) => _number.Write(
        moment.Year > 0 ? moment : new LocalMoment(CivilCalendar.DayNumber(1 - moment.Year, 1, 1) * CivilCalendar.MillisPerDay, 0, null),
        target);
}

/// <summary>The last two digits of a year from 2000 to 2099.</summary>
internal sealed class ShortYearPart(DateField field) : DatePatternPart, IAdjacentPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Date;

    private const int Century = 2000;

    /// <inheritdoc/>
    public override int MaxLength => 2;

    /// <inheritdoc/>
    public int? FixedWidth => 2;

    /// <inheritdoc/>
    public void AddDigitsBehind(int digits)
    {
    }

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values) =>
        TryReadDigits(ref text, 2, 2, out var number) && values.TrySet(field, Century + number);

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target) =>
        DateTimeText.WriteNumber((int)CivilCalendar.FloorMod(moment[field], 100), 2, target);
}

/// <summary>The fraction of a second, in so many digits.</summary>
internal sealed class FractionPart(int width) : DatePatternPart, IAdjacentPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Time;

    /// <inheritdoc/>
    public override int MaxLength => width;

    /// <inheritdoc/>
    public int? FixedWidth => width;

    /// <inheritdoc/>
    public void AddDigitsBehind(int digits)
    {
    }

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (!TryReadDigits(ref text, width, width, out var number))
            return false;
        for (var digits = width; digits < 3; digits++)
            number *= 10;
        for (var digits = width; digits > 3; digits--)
            number /= 10;
        values.Millis = number;
        return true;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target)
    {
        Span<byte> digits = stackalloc byte[3];
        DateTimeText.WriteNumber(moment.MillisOfDay % 1000, 3, digits);
        for (var i = 0; i < width; i++)
            target[i] = i < 3 ? digits[i] : (byte)'0';
        return width;
    }
}

/// <summary>A part that consists of digits: one directly before others leaves them theirs.</summary>
internal interface IAdjacentPart
{
    /// <summary>The most digits of a number.</summary>
    const int MaxDigits = 18;

    /// <summary>How many digits it has where that is certain.</summary>
    int? FixedWidth { get; }

    /// <summary>Tells that so many more digits belong to the parts directly behind it.</summary>
    void AddDigitsBehind(int digits);

    /// <summary>How many of the digits at the front are the part's.</summary>
    static int Width(ReadOnlySpan<byte> text, int min, int max, int digitsBehind)
    {
        if (digitsBehind == 0)
            return max;
        var digits = 0;
        while (digits < Math.Min(max, MaxDigits) + digitsBehind && digits < text.Length && char.IsAsciiDigit((char)text[digits]))
            digits++;
        return Math.Min(max, Math.Max(min, digits - digitsBehind));
    }
}

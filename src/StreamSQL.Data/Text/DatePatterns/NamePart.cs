using System.Text;

namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>How a name is written.</summary>
internal enum NameStyle : byte
{
    /// <summary>Jan, Mon, Q1.</summary>
    Short,

    /// <summary>January, Monday, 1st quarter.</summary>
    Full,

    /// <summary>J, M, 1. Different values have the same name, so it cannot be read.</summary>
    Narrow,
}

/// <summary>A field by its English name; reading ignores the case.</summary>
internal sealed class NamePart : DatePatternPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Date;

    private static readonly string[] Months = DateWords.Months;
    private static readonly string[] Days = [.. DateWords.Days[1..], DateWords.Days[0]];
    private static readonly string[] Quarters = ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"];

    private readonly DateField _field;
    private readonly byte[][] _names;
    private readonly bool _isReadable;

    /// <summary>Creates the part for a month, a day of the week or a quarter.</summary>
    public NamePart(DateField field, NameStyle style)
    {
        _field = field;
        var full = field switch { DateField.Month => Months, DateField.Quarter => Quarters, _ => Days };
        _names = [.. full.Select((name, i) => Encoding.UTF8.GetBytes(Styled(name, i, style)))];
        _isReadable = style != NameStyle.Narrow || field == DateField.Quarter;
        MaxLength = _names.Max(static name => name.Length);
    }

    /// <inheritdoc/>
    public override int MaxLength { get; }

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        for (var i = 0; _isReadable && i < _names.Length; i++)
        {
            if (text.Length < _names[i].Length || !Ascii.EqualsIgnoreCase(text[.._names[i].Length], _names[i]))
                continue;
            text = text[_names[i].Length..];
            return values.TrySet(_field, i + 1);
        }

        return false;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target) => Copy(_names[moment[_field] - 1], target);

    private string Styled(string name, int index, NameStyle style) => (style, _field) switch
    {
        (NameStyle.Full, _) => name,
        (NameStyle.Short, DateField.Quarter) => $"Q{index + 1}",
        (NameStyle.Short, _) => name[..3],
        _ => name[..1],
    };
}

/// <summary>AM or PM.</summary>
internal sealed class HalfDayPart : DatePatternPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Time;

    /// <inheritdoc/>
    public override int MaxLength => 2;

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (text.Length < 2 || (text[1] | 0x20) != 'm' || (text[0] | 0x20) is not ('a' or 'p'))
            return false;
        values.HalfDay = (text[0] | 0x20) == 'p' ? 1 : 0;
        text = text[2..];
        return true;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target) => Copy(moment.Hour < 12 ? "AM"u8 : "PM"u8, target);
}

/// <summary>The era before or after Christ.</summary>
internal sealed class EraPart(NameStyle style) : DatePatternPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Date;

    private readonly byte[] _before =
        Encoding.UTF8.GetBytes(style switch { NameStyle.Short => "BC", NameStyle.Full => "Before Christ", _ => "B" });
    private readonly byte[] _after = Encoding.UTF8.GetBytes(
        style switch { NameStyle.Short => "AD", NameStyle.Full => "Anno Domini", _ => "A" });

    /// <inheritdoc/>
    public override int MaxLength => Math.Max(_before.Length, _after.Length);

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        values.IsBeforeChrist = StartsWith(text, _before);
        if (!values.IsBeforeChrist && !StartsWith(text, _after))
            return false;
        text = text[(values.IsBeforeChrist ? _before : _after).Length..];
        return true;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target) => Copy(moment.Year > 0 ? _after : _before, target);

    private static bool StartsWith(ReadOnlySpan<byte> text, byte[] name) => text.Length >= name.Length
        && Ascii.EqualsIgnoreCase(text[..name.Length], name);
}

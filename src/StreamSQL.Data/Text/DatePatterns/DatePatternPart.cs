using System.Text;

namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>What a pattern asks of a value.</summary>
[Flags]
internal enum PatternNeeds : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A date.</summary>
    Date = 1,

    /// <summary>A time of day.</summary>
    Time = 2,

    /// <summary>A zone or an offset.</summary>
    Zone = 4,
}

/// <summary>A piece of a <see cref="JavaDatePattern"/>. Immutable once its pattern is compiled.</summary>
internal abstract class DatePatternPart
{
    /// <summary>The most bytes that it writes.</summary>
    public abstract int MaxLength { get; }

    /// <summary>What it needs of a value to be written.</summary>
    public virtual PatternNeeds Needs => PatternNeeds.None;

    /// <summary>Reads it from the front of <paramref name="text"/>; the text and the values are unspecified when that fails.</summary>
    public abstract bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values);

    /// <summary>Writes it; returns the bytes written.</summary>
    public abstract int Write(in LocalMoment moment, Span<byte> target);

    /// <summary>Reads digits; false where there are fewer than <paramref name="min"/>.</summary>
    protected static bool TryReadDigits(ref ReadOnlySpan<byte> text, int min, int max, out long number)
    {
        number = 0;
        var digits = 0;
        while (digits < max && digits < text.Length && char.IsAsciiDigit((char)text[digits]))
            number = (number * 10) + (text[digits++] - '0');
        text = text[digits..];
        return digits >= min;
    }

    /// <summary>Copies a text; returns its length.</summary>
    protected static int Copy(ReadOnlySpan<byte> text, Span<byte> target)
    {
        text.CopyTo(target);
        return text.Length;
    }
}

/// <summary>Text that stands as it is; reading ignores the case of its ASCII letters.</summary>
internal sealed class LiteralPart(string text) : DatePatternPart
{
    private readonly byte[] _text = Encoding.UTF8.GetBytes(text);

    /// <inheritdoc/>
    public override int MaxLength => _text.Length;

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (text.Length < _text.Length
            || !(text[.._text.Length].SequenceEqual(_text) || Ascii.EqualsIgnoreCase(text[.._text.Length], _text)))
            return false;
        text = text[_text.Length..];
        return true;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target) => Copy(_text, target);
}

/// <summary>Parts in <c>[ ]</c>: written always; where they cannot be read they are not there.</summary>
internal sealed class OptionalPart(DatePatternPart[] parts) : DatePatternPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs { get; } = parts.Aggregate(PatternNeeds.None, static (needs, part) => needs | part.Needs);

    /// <inheritdoc/>
    public override int MaxLength { get; } = parts.Sum(static part => part.MaxLength);

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        var rest = text;
        var read = values;
        foreach (var part in parts)
        {
            if (!part.TryRead(ref rest, ref read))
                return true;
        }

        text = rest;
        values = read;
        return true;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target)
    {
        var length = 0;
        foreach (var part in parts)
            length += part.Write(moment, target[length..]);
        return length;
    }
}

/// <summary>A part behind <c>p</c>: filled up with spaces in front to a width.</summary>
internal sealed class PaddedPart(DatePatternPart part, int width) : DatePatternPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => part.Needs;

    /// <inheritdoc/>
    public override int MaxLength => Math.Max(width, part.MaxLength);

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (text.Length < width)
            return false;
        var padded = text[..width].TrimStart((byte)' ');
        text = text[width..];
        return part.TryRead(ref padded, ref values) && padded.IsEmpty;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target)
    {
        var length = part.Write(moment, target);
        if (length >= width)
            return length;
        target[..length].CopyTo(target[(width - length)..]);
        target[..(width - length)].Fill((byte)' ');
        return width;
    }
}

using System.Text;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>The parts of a number's template.</summary>
internal enum TemplatePart
{
    /// <summary>9: a digit, or a space where there is none.</summary>
    Digit,

    /// <summary>0: a digit, also where there is none.</summary>
    Zero,

    /// <summary>. or D.</summary>
    Point,

    /// <summary>, or G.</summary>
    Group,

    /// <summary>S: the sign, beside the number.</summary>
    Sign,

    /// <summary>MI: a minus sign here.</summary>
    Minus,

    /// <summary>PL: a plus sign here.</summary>
    Plus,

    /// <summary>SG: the sign here.</summary>
    SignHere,

    /// <summary>L: the currency symbol, which is a space.</summary>
    Currency,

    /// <summary>TH: the ending of an ordinal number.</summary>
    Ordinal,

    /// <summary>V: where digits after it begin.</summary>
    Shift,

    /// <summary>Any other text.</summary>
    Literal,
}

/// <summary>
/// A template of PostgreSQL's to_char and to_number for numbers ("Template Patterns for Numeric Formatting" of its manual), read.
/// </summary>
internal sealed class NumberTemplate
{
    // The longer ones first, as MI would else be a literal M.
    private static readonly (string Text, TemplatePart Part)[] s_patterns =
    [
        ("MI", TemplatePart.Minus), ("PL", TemplatePart.Plus), ("SG", TemplatePart.SignHere), ("TH", TemplatePart.Ordinal),
        ("9", TemplatePart.Digit),
        ("0", TemplatePart.Zero), (".", TemplatePart.Point), ("D", TemplatePart.Point), (",", TemplatePart.Group),
        ("G", TemplatePart.Group), ("S", TemplatePart.Sign),
        ("L", TemplatePart.Currency), ("V", TemplatePart.Shift),
    ];

    private NumberTemplate(List<(TemplatePart Part, string Text)> parts) => Parts = parts;

    /// <summary>The parts in order, each with its text.</summary>
    public IReadOnlyList<(TemplatePart Part, string Text)> Parts { get; }

    /// <summary>FM: no padding, no zeros at the end.</summary>
    public bool IsCompact { get; private set; }

    /// <summary>EEEE: with an exponent.</summary>
    public bool IsScientific { get; private set; }

    /// <summary>PR: a negative number stands in angle brackets.</summary>
    public bool HasBrackets { get; private set; }

    /// <summary>RN or rn: Roman digits.</summary>
    public string? Roman { get; private set; }

    /// <summary>Whether there is a point.</summary>
    public bool HasPoint => Parts.Any(static part => part.Part == TemplatePart.Point);

    /// <summary>Whether the sign stands in a place of its own instead of before the first digit.</summary>
    public bool PlacesSign => Parts.Any(static part => part.Part is TemplatePart.Minus or TemplatePart.SignHere);

    /// <summary>Places before the point.</summary>
    public int WholeDigits { get; private set; }

    /// <summary>Places after the point.</summary>
    public int FractionDigits { get; private set; }

    /// <summary>Places after V, that the number is moved by.</summary>
    public int ShiftedDigits { get; private set; }

    /// <summary>The first place before the point that is a 0; -1 for none.</summary>
    public int FirstZero { get; private set; } = -1;

    /// <summary>Places after the point up to the last that is a 0.</summary>
    public int LastFractionZero { get; private set; }

    /// <summary>Reads a template.</summary>
    public static NumberTemplate Read(string text)
    {
        var parts = new List<(TemplatePart, string)>();
        var template = new NumberTemplate(parts);
        var (passedPoint, passedShift) = (false, false);
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '"')
            {
                parts.Add((TemplatePart.Literal, ReadQuoted(text, ref at)));
                continue;
            }

            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == '"')
            {
                parts.Add((TemplatePart.Literal, "\""));
                at += 2;
                continue;
            }

            if (template.TryReadMode(text.AsSpan(at), out var length))
            {
                at += length;
                continue;
            }

            var pattern = Array.Find(s_patterns,
                pattern => string.Compare(text, at, pattern.Text, 0, pattern.Text.Length, StringComparison.OrdinalIgnoreCase) == 0);
            if (pattern.Text is null)
            {
                parts.Add((TemplatePart.Literal, text[at++].ToString()));
                continue;
            }

            parts.Add((pattern.Part, text.Substring(at, pattern.Text.Length)));
            at += pattern.Text.Length;
            passedPoint |= pattern.Part == TemplatePart.Point;
            passedShift |= pattern.Part == TemplatePart.Shift;
            if (pattern.Part is TemplatePart.Digit or TemplatePart.Zero)
                template.Count(pattern.Part == TemplatePart.Zero, passedPoint, passedShift);
        }

        return template;
    }

    // A backslash stands before a quote, or before another backslash.
    private static string ReadQuoted(string text, ref int at)
    {
        var literal = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            literal.Append(text[at]);
        }

        at++;
        return literal.ToString();
    }

    private bool TryReadMode(ReadOnlySpan<char> text, out int length)
    {
        length = 2;
        if (text.StartsWith("FM", StringComparison.OrdinalIgnoreCase))
            IsCompact = true;
        else if (text.StartsWith("PR", StringComparison.OrdinalIgnoreCase))
            HasBrackets = true;
        else if (text.StartsWith("RN", StringComparison.OrdinalIgnoreCase))
            Roman = text[..2].ToString();
        else if (text.StartsWith("EEEE", StringComparison.OrdinalIgnoreCase))
            (IsScientific, length) = (true, 4);
        else if (text.StartsWith("B", StringComparison.OrdinalIgnoreCase))
            length = 1;
        else
            return false;
        return true;
    }

    private void Count(bool isZero, bool passedPoint, bool passedShift)
    {
        if (passedPoint)
        {
            FractionDigits++;
            if (isZero)
                LastFractionZero = FractionDigits;
            return;
        }

        if (isZero && FirstZero < 0)
            FirstZero = WholeDigits;
        WholeDigits++;
        if (passedShift)
            ShiftedDigits++;
    }
}

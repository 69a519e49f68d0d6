using System.Text;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>Reads a number by a <see cref="NumberTemplate"/>.</summary>
internal static class NumberReader
{
    /// <summary>Appends the number's digits and point; returns whether it is below zero.</summary>
    public static bool Read(NumberTemplate template, string text, StringBuilder digits)
    {
        var (at, isNegative) = (0, false);
        foreach (var (part, pattern) in template.Parts)
        {
            if (part is TemplatePart.Digit or TemplatePart.Zero)
                SkipTo(text, ref at, takesSign: digits.Length == 0 || (digits.Length == 1 && digits[0] == '.'), ref isNegative);
            if (at >= text.Length)
                break;
            switch (part)
            {
                case TemplatePart.Digit or TemplatePart.Zero when char.IsAsciiDigit(text[at]):
                    digits.Append(text[at++]);
                    break;
                case TemplatePart.Point when text[at] == '.':
                    digits.Append(text[at++]);
                    break;
                case TemplatePart.Group when text[at] == ',':
                case TemplatePart.Currency when !char.IsAsciiDigit(text[at]) && text[at] is not ('-' or '+' or '.' or ','):
                    at++;
                    break;
                case TemplatePart.Sign or TemplatePart.SignHere or TemplatePart.Minus or TemplatePart.Plus when text[at] is '-' or '+':
                    isNegative |= text[at++] == '-';
                    break;
                case TemplatePart.Literal:
                    SkipOther(text, ref at, pattern.Length);
                    break;
            }
        }

        return isNegative || (template.HasBrackets && text.Contains('<', StringComparison.Ordinal));
    }

    // A text of the template passes over as many characters, but none that belongs to a number.
    private static void SkipOther(string text, ref int at, int count)
    {
        for (; count > 0 && at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] is not ('-' or '+' or '.' or ','); count--)
            at++;
    }

    private static void SkipTo(string text, ref int at, bool takesSign, ref bool isNegative)
    {
        for (; at < text.Length && (char.IsWhiteSpace(text[at]) || (takesSign && text[at] is '-' or '+' or '<')); at++)
            isNegative |= text[at] is '-' or '<';
    }
}

using System.Text;

namespace StreamSQL.Data.Functions.DatesAndTimes.Templates;

/// <summary>What a part of a template stands for.</summary>
internal enum TemplateField : byte
{
    Literal,
    Separator,
    Hour12,
    Hour24,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Fraction,
    SecondOfDay,
    HalfDay,
    HalfDayDotted,
    Year,
    YearWithComma,
    Year3,
    Year2,
    Year1,
    IsoYear,
    IsoYear3,
    IsoYear2,
    IsoYear1,
    Era,
    EraDotted,
    MonthName,
    MonthShort,
    Month,
    DayName,
    DayShort,
    DayOfYear,
    IsoDayOfYear,
    Day,
    DayOfWeek,
    IsoDayOfWeek,
    WeekOfMonth,
    WeekOfYear,
    IsoWeek,
    Century,
    Julian,
    Quarter,
    RomanMonth,
    Zone,
    ZoneHour,
    ZoneMinute,
    Offset,
}

/// <summary>How a word of a template is written.</summary>
internal enum WordCase : byte
{
    Upper,
    Capital,
    Lower,
}

/// <summary>One part of a template.</summary>
/// <param name="Field">What it stands for.</param>
/// <param name="Text">A literal's text; else the pattern as it was written.</param>
/// <param name="Case">How a word is written.</param>
/// <param name="Digits">Digits of a fraction.</param>
/// <param name="IsFill">FM: no blanks and no leading zeros.</param>
/// <param name="Ordinal">TH or th behind a number.</param>
internal sealed record TemplatePart(TemplateField Field, string Text, WordCase Case, int Digits, bool IsFill, WordCase? Ordinal);

/// <summary>
/// PostgreSQL's template patterns for dates (its documentation, table 9.27 and 9.28), taken apart: <c>FMDay, DDth Month YYYY</c>. Longer
/// patterns are taken first; text in double quotes, and what is no pattern, is itself.
/// </summary>
internal sealed class DateTemplate
{
    private const int MaxLength = 1000;

    private static readonly (string Pattern, TemplateField Field)[] Patterns =
    [
        ("SSSSS", TemplateField.SecondOfDay), ("SSSS", TemplateField.SecondOfDay), ("Y,YYY", TemplateField.YearWithComma),
        ("MONTH", TemplateField.MonthName),
        ("HH24", TemplateField.Hour24), ("HH12", TemplateField.Hour12), ("YYYY", TemplateField.Year), ("IYYY", TemplateField.IsoYear),
        ("IDDD", TemplateField.IsoDayOfYear),
        ("A.M.", TemplateField.HalfDayDotted), ("P.M.", TemplateField.HalfDayDotted), ("A.D.", TemplateField.EraDotted),
        ("B.C.", TemplateField.EraDotted),
        ("DAY", TemplateField.DayName), ("DDD", TemplateField.DayOfYear), ("FF1", TemplateField.Fraction), ("FF2", TemplateField.Fraction),
        ("FF3", TemplateField.Fraction),
        ("FF4", TemplateField.Fraction), ("FF5", TemplateField.Fraction), ("FF6", TemplateField.Fraction), ("IYY", TemplateField.IsoYear3),
        ("MON", TemplateField.MonthShort),
        ("TZH", TemplateField.ZoneHour), ("TZM", TemplateField.ZoneMinute), ("YYY", TemplateField.Year3),
        ("HH", TemplateField.Hour12), ("MI", TemplateField.Minute), ("SS", TemplateField.Second), ("MS", TemplateField.Millisecond),
        ("US", TemplateField.Microsecond),
        ("AM", TemplateField.HalfDay), ("PM", TemplateField.HalfDay), ("AD", TemplateField.Era), ("BC", TemplateField.Era),
        ("YY", TemplateField.Year2), ("IY", TemplateField.IsoYear2),
        ("MM", TemplateField.Month), ("DY", TemplateField.DayShort), ("DD", TemplateField.Day), ("ID", TemplateField.IsoDayOfWeek),
        ("WW", TemplateField.WeekOfYear),
        ("IW", TemplateField.IsoWeek), ("CC", TemplateField.Century), ("RM", TemplateField.RomanMonth), ("TZ", TemplateField.Zone),
        ("OF", TemplateField.Offset),
        ("Y", TemplateField.Year1), ("I", TemplateField.IsoYear1), ("D", TemplateField.DayOfWeek), ("W", TemplateField.WeekOfMonth),
        ("J", TemplateField.Julian), ("Q", TemplateField.Quarter),
    ];

    private DateTemplate(IReadOnlyList<TemplatePart> parts, bool isExact) => (Parts, IsExact) = (parts, isExact);

    /// <summary>The parts in order.</summary>
    public IReadOnlyList<TemplatePart> Parts { get; }

    /// <summary>FX: blanks and separators of what is read must be those of the template.</summary>
    public bool IsExact { get; }

    /// <summary>Takes a template apart; null when it is too long.</summary>
    public static DateTemplate? Compile(ReadOnlySpan<byte> template)
    {
        if (template.Length > MaxLength)
            return null;
        var text = Encoding.UTF8.GetString(template);
        var parts = new List<TemplatePart>();
        var isExact = false;
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '"')
            {
                at = Quoted(text, at + 1, parts);
                continue;
            }

            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == '"')
            {
                parts.Add(Literal("\""));
                at += 2;
                continue;
            }

            if (IsWord(text, at, "FX"))
            {
                isExact = true;
                at += 2;
                continue;
            }

            at = Pattern(text, at, parts);
        }

        return new(parts, isExact);
    }

    private static int Quoted(string text, int at, List<TemplatePart> parts)
    {
        var literal = new StringBuilder();
        for (; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            literal.Append(text[at]);
        }

        parts.Add(Literal(literal.ToString()));
        return at + 1;
    }

    /// <summary>One pattern with what stands before and behind it, or one character.</summary>
    private static int Pattern(string text, int start, List<TemplatePart> parts)
    {
        var (at, isFill) = (start, false);
        while (IsWord(text, at, "FM") || IsWord(text, at, "TM"))
        {
            isFill = true;
            at += 2;
        }

        foreach (var (pattern, field) in Patterns)
        {
            if (CaseOf(text, at, pattern, field) is not { } written)
                continue;
            var word = text.Substring(at, pattern.Length);
            at += pattern.Length;
            WordCase? ordinal = null;
            if (at + 1 < text.Length && text[at] is 'T' or 't' && text[at + 1] is 'H' or 'h'
                && field is not (TemplateField.Zone or TemplateField.Offset))
            {
                ordinal = text[at] == 'T' ? WordCase.Upper : WordCase.Lower;
                at += 2;
            }

            parts.Add(new(field, word, written, field == TemplateField.Fraction ? pattern[2] - '0' : 0, isFill, ordinal));
            return at;
        }

        if (at > start)
            return at;
        var length = char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        parts.Add(Literal(text.Substring(at, length)));
        return at + length;
    }

    /// <summary>The case in which a pattern stands at a place; null where it does not. Words may also have a capital alone.</summary>
    private static WordCase? CaseOf(string text, int at, string pattern, TemplateField field)
    {
        if (at + pattern.Length > text.Length)
            return null;
        var written = text.AsSpan(at, pattern.Length);
        if (written.SequenceEqual(pattern))
            return WordCase.Upper;
        if (!written.Equals(pattern, StringComparison.OrdinalIgnoreCase))
            return null;
        if (!written.ContainsAnyInRange('A', 'Z'))
            return WordCase.Lower;
        var isWord = field is TemplateField.MonthName or TemplateField.MonthShort or TemplateField.DayName or TemplateField.DayShort;
        return isWord && char.IsAsciiLetterUpper(written[0]) && !written[1..].ContainsAnyInRange('A', 'Z') ? WordCase.Capital : null;
    }

    private static TemplatePart Literal(string text) =>
        new(text.Length == 1 && !char.IsLetterOrDigit(text[0]) ? TemplateField.Separator : TemplateField.Literal, text, WordCase.Upper, 0,
            false, null);

    private static bool IsWord(string text, int at, string word) =>
        at + 1 < text.Length && text.AsSpan(at, 2).Equals(word, StringComparison.OrdinalIgnoreCase);
}

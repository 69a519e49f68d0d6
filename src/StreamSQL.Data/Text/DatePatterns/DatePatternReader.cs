using System.Text;

namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>Reads the text of a <see cref="JavaDatePattern"/>, by the documentation of Java's DateTimeFormatter.</summary>
internal ref struct DatePatternReader(string pattern)
{
    private const int MaxLevels = 50;
    private const int MaxWidth = IAdjacentPart.MaxDigits;

    private int _at;

    /// <summary>Why the pattern cannot be read; empty until then.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Reads all parts; null after a <see cref="Reason"/>.</summary>
    public DatePatternPart[]? Read()
    {
        var levels = new Stack<List<DatePatternPart>>();
        levels.Push([]);
        while (_at < pattern.Length && Reason.Length == 0)
        {
            var character = pattern[_at];
            if (character == '\'')
            {
                levels.Peek().Add(ReadQuoted());
            }
            else if (char.IsAsciiLetter(character))
            {
                ReadField(levels.Peek());
            }
            else if (character == '[')
            {
                _at++;
                if (levels.Count > MaxLevels)
                    return Fail($"more than {MaxLevels} optional parts within each other in the date pattern '{pattern}'");
                levels.Push([]);
            }
            else if (character == ']')
            {
                _at++;
                if (levels.Count == 1)
                    return Fail($"']' closes nothing in the date pattern '{pattern}'");
                CloseOptional(levels);
            }
            else if (character is '{' or '}' or '#')
            {
                return Fail($"'{character}' has no meaning in the date pattern '{pattern}'");
            }
            else
            {
                levels.Peek().Add(new LiteralPart(ReadLiteral()));
            }
        }

        while (levels.Count > 1)
            CloseOptional(levels);
        return Reason.Length > 0 ? null : Finish(levels.Pop());
    }

    private static void CloseOptional(Stack<List<DatePatternPart>> levels)
    {
        var inner = Finish(levels.Pop());
        levels.Peek().Add(new OptionalPart(inner));
    }

    /// <summary>Numbers directly before numbers of a certain width leave them their digits.</summary>
    private static DatePatternPart[] Finish(List<DatePatternPart> parts)
    {
        IAdjacentPart? first = null;
        foreach (var part in parts)
        {
            if (part is not IAdjacentPart number)
                first = null;
            else if (first is not null && number.FixedWidth is { } width)
                first.AddDigitsBehind(width);
            else
                first = number;
        }

        return [.. parts];
    }

    private DatePatternPart[]? Fail(string reason)
    {
        Reason = reason;
        return null;
    }

    // A character above the basic plane is one literal.
    private string ReadLiteral()
    {
        var length = char.IsHighSurrogate(pattern[_at]) && _at + 1 < pattern.Length ? 2 : 1;
        _at += length;
        return pattern.Substring(_at - length, length);
    }

    private LiteralPart ReadQuoted()
    {
        var text = new StringBuilder();
        for (_at++; _at < pattern.Length; _at++)
        {
            if (pattern[_at] != '\'')
            {
                text.Append(pattern[_at]);
                continue;
            }

            _at++;
            if (_at >= pattern.Length || pattern[_at] != '\'')
                return new LiteralPart(text.Length == 0 ? "'" : text.ToString());
            text.Append('\'');
        }

        Reason = $"a quoted text has no end in the date pattern '{pattern}'";
        return new LiteralPart("");
    }

    private void ReadField(List<DatePatternPart> parts)
    {
        var (letter, count) = ReadLetters();
        var padding = 0;
        if (letter == 'p' && _at < pattern.Length && char.IsAsciiLetter(pattern[_at]))
        {
            padding = count;
            (letter, count) = ReadLetters();
        }

        if (PartOf(letter, count) is not { } part)
            Reason = $"'{new string(letter, count)}' has no meaning in the date pattern '{pattern}'";
        else
            parts.Add(padding > 0 ? new PaddedPart(part, padding) : part);
    }

    private (char Letter, int Count) ReadLetters()
    {
        var start = _at;
        while (_at < pattern.Length && pattern[_at] == pattern[start])
            _at++;
        return (pattern[start], _at - start);
    }

    /// <summary>The part of a run of letters; null when the letter has no meaning, or not that often.</summary>
    private static DatePatternPart? PartOf(char letter, int count) => letter switch
    {
        'G' => StyleOf(count, shortest: 1) is { } style ? new EraPart(style) : null,
        'y' => count == 2 ? new ShortYearPart(DateField.Year) : count <= MaxWidth ? new EraYearPart(count) : null,
        'u' => Year(DateField.Year, count),
        'Y' => Year(DateField.WeekYear, count),
        'M' or 'L' => NumberOrName(DateField.Month, count),
        'Q' or 'q' => NumberOrName(DateField.Quarter, count),
        'e' => NumberOrName(DateField.LocalDayOfWeek, count),
        'c' => count == 2 ? null : NumberOrName(DateField.LocalDayOfWeek, count),
        'E' => StyleOf(count, shortest: 1) is { } style ? new NamePart(DateField.DayOfWeek, style) : null,
        'D' => count <= 3 ? new NumberPart(DateField.DayOfYear, count, count == 1 ? MaxWidth : 3) : null,
        'w' => OneOrTwo(DateField.WeekOfYear, count),
        'W' => count == 1 ? new NumberPart(DateField.WeekOfMonth, 1, 1) : null,
        'F' => count == 1 ? new NumberPart(DateField.WeekdayOfMonth, 1, MaxWidth) : null,
        'g' => count <= MaxWidth ? new NumberPart(DateField.JulianDay, count, MaxWidth) { IsSigned = true } : null,
        'd' => OneOrTwo(DateField.Day, count),
        'H' => OneOrTwo(DateField.Hour, count),
        'k' => OneOrTwo(DateField.ClockHour, count),
        'K' => OneOrTwo(DateField.HalfDayHour, count),
        'h' => OneOrTwo(DateField.HalfDayClockHour, count),
        'm' => OneOrTwo(DateField.Minute, count),
        's' => OneOrTwo(DateField.Second, count),
        'a' => count == 1 ? new HalfDayPart() : null,
        'S' => count <= 9 ? new FractionPart(count) : null,
        'n' => count <= MaxWidth ? new NumberPart(DateField.NanoOfSecond, count, MaxWidth) : null,
        'A' => count <= MaxWidth ? new NumberPart(DateField.MilliOfDay, count, MaxWidth) : null,
        'N' => count <= MaxWidth ? new NumberPart(DateField.NanoOfDay, count, MaxWidth) : null,
        _ => ZoneOf(letter, count),
    };

    private static DatePatternPart? ZoneOf(char letter, int count) => (letter, count) switch
    {
        ('V', 2) => new ZonePart(ZoneStyle.Id),
        ('v', 1) => new ZonePart(ZoneStyle.GenericShort),
        ('v', 4) => new ZonePart(ZoneStyle.GenericFull),
        ('z', <= 3) => new ZonePart(ZoneStyle.Short),
        ('z', 4) => new ZonePart(ZoneStyle.Full),
        ('O', 1) => new LocalizedOffsetPart(isFull: false),
        ('O', 4) or ('Z', 4) => new LocalizedOffsetPart(isFull: true),
        ('Z', <= 3) => new OffsetPart(OffsetStyle.Minutes, usesZ: false),
        ('Z', 5) => new OffsetPart(OffsetStyle.ColonSeconds, usesZ: true),
        ('X' or 'x', <= 5) => new OffsetPart((OffsetStyle)(count - 1), usesZ: letter == 'X'),
        _ => null,
    };

    private static DatePatternPart? Year(DateField field, int count) =>
        count == 2 ? new ShortYearPart(field)
        : count <= MaxWidth ? new NumberPart(field, count, MaxWidth) { IsSigned = true, ExceedsPad = count >= 4 } : null;

    private static NumberPart? OneOrTwo(DateField field, int count) =>
        count <= 2 ? new NumberPart(field, count, count == 1 ? MaxWidth : 2) : null;

    private static DatePatternPart? NumberOrName(DateField field, int count) =>
        count <= 2 ? OneOrTwo(field, count)
        : StyleOf(count, shortest: 3) is { } style ? new NamePart(field == DateField.LocalDayOfWeek ? DateField.DayOfWeek : field,
            style) : null;

    private static NameStyle? StyleOf(int count, int shortest) => count switch
    {
        4 => NameStyle.Full,
        5 => NameStyle.Narrow,
        _ => count >= shortest && count <= 3 ? NameStyle.Short : null,
    };
}

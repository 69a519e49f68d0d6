using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>
/// Reads dates and times in PostgreSQL's input forms (its documentation, section 8.5.1 and appendix B), the session's order where numbers
/// leave it open: <c>2001-02-16 20:38:40.5+01</c>, <c>January 8, 99 BC</c>, <c>8-Jan-1999</c>,
/// <c>19990108T040506</c>, <c>04:05 PM</c>, <c>epoch</c>, <c>today</c>.
/// </summary>
internal ref struct DateTimeParser
{
    private const int MaxLength = 128;

    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private DateTimeParts _parts;
    private DateNumbers _date;
    private int _halfDay;
    private bool _expectsTime;
    private DateTimeFailure _failure;

    private DateTimeParser(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>Takes a text apart.</summary>
    /// <param name="text">The text; all of it must be read.</param>
    /// <param name="isTime">Whether digits alone at the front are a time of day.</param>
    /// <param name="order">Which number of a date is which part of it.</param>
    /// <param name="parts">What it says.</param>
    public static DateTimeFailure TryParse(ReadOnlySpan<byte> text, bool isTime, DateOrder order, out DateTimeParts parts)
    {
        parts = default;
        text = text.Trim(" \t\r\n"u8);
        if (text.IsEmpty || text.Length > MaxLength)
            return DateTimeFailure.Malformed;
        var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var end && end < 0 ? text.Length : end;
        var parser = new DateTimeParser(text)
            { _date = new DateNumbers(order), _expectsTime = isTime && (digits == text.Length || text[digits] is (byte)' ' or (byte)'.') };
        while (parser.SkipSeparators() && parser._failure == DateTimeFailure.None)
            parser.Token();
        if (parser._failure == DateTimeFailure.None)
            parser.Resolve();
        parts = parser._parts;
        return parser._failure;
    }

    private void Token()
    {
        var first = _text[_at];
        if (char.IsAsciiDigit((char)first))
            Number();
        else if (first is (byte)'+' or (byte)'-')
            Signed();
        else if (char.IsAsciiLetter((char)first))
            Word();
        else
            Fail(DateTimeFailure.Malformed);
    }

    /// <summary>A token that begins with a digit: a time, a date with separators, or digits alone.</summary>
    private void Number()
    {
        var digits = Take(static b => char.IsAsciiDigit((char)b));
        var next = Peek();
        if (next == ':')
            Time(digits);
        else if (next is (byte)'-' or (byte)'/' && !_expectsTime)
            DateWith(digits, next);
        else if (next == '.')
            Fraction(digits);
        else
            Digits(digits, default);
    }

    private void Time(ReadOnlySpan<byte> hours)
    {
        _at++;
        var minutes = Take(static b => char.IsAsciiDigit((char)b));
        ReadOnlySpan<byte> seconds = default, fraction = default;
        if (Peek() == ':')
        {
            _at++;
            seconds = Take(static b => char.IsAsciiDigit((char)b));
            Require(!seconds.IsEmpty);
        }

        if (Peek() == '.')
        {
            _at++;
            fraction = Take(static b => char.IsAsciiDigit((char)b));
            // 4:05.6 is minutes and seconds of a length of time, and no time of day.
            Require(!seconds.IsEmpty);
        }

        Require(!minutes.IsEmpty);
        SetTime(hours, minutes, seconds, fraction);
    }

    /// <summary>Digits, a separator, and what goes on with it: 2001-02-16, 8-Jan-1999, 1/8/1999, 1999.01.08.</summary>
    private void DateWith(ReadOnlySpan<byte> first, byte separator)
    {
        if (HasDateFields)
        {
            Fail(DateTimeFailure.Malformed);
            return;
        }

        _date.Add(first);
        while (Peek() == separator && _failure == DateTimeFailure.None)
        {
            _at++;
            var digits = Take(static b => char.IsAsciiDigit((char)b));
            if (digits.IsEmpty)
                NamedMonth(Take(static b => char.IsAsciiLetter((char)b)));
            else
                Require(_date.Add(digits));
        }
    }

    // 1999.008 is a day of a year, 1999.01.08 a date; behind a time's digits is its fraction.
    private void Fraction(ReadOnlySpan<byte> digits)
    {
        var rest = _text[(_at + 1)..];
        var more = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var end && end < 0 ? rest.Length : end;
        if (!_expectsTime && !HasDateFields && more > 0 && (more < rest.Length && rest[more] == '.' || (digits.Length == 4 && more == 3)))
        {
            DateWith(digits, (byte)'.');
            return;
        }

        _at++;
        Digits(digits, Take(static b => char.IsAsciiDigit((char)b)));
    }

    /// <summary>Digits alone: what they are depends on how many there are and on what stands before.</summary>
    private void Digits(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> fraction)
    {
        var isTime = _expectsTime || (HasDateFields && !_parts.HasTime && _date.Count >= 3);
        if (isTime || (!fraction.IsEmpty && digits.Length == 6))
            RunOfTime(digits, fraction);
        else if (!fraction.IsEmpty)
            Fail(DateTimeFailure.Malformed);
        else if (digits.Length is 8 or 6 && !HasDateFields)
            RunOfDate(digits);
        else
            Require(_date.Add(digits));
    }

    private void RunOfDate(ReadOnlySpan<byte> digits)
    {
        var year = digits.Length - 4;
        _date.Add(digits[..year]);
        _date.Add(digits.Slice(year, 2));
        _date.Add(digits[(year + 2)..]);
        _date.IsYearFirst = true;
    }

    // 040506, 0405, after a T also 04.
    private void RunOfTime(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> fraction)
    {
        if (digits.Length is not (6 or 4 or 2) || (digits.Length == 2 && !_expectsTime))
            Fail(DateTimeFailure.Malformed);
        else
            SetTime(digits[..2], digits.Length > 2 ? digits.Slice(2, 2) : default, digits.Length > 4 ? digits[4..] : default, fraction);
    }

    private void SetTime(ReadOnlySpan<byte> hours, ReadOnlySpan<byte> minutes, ReadOnlySpan<byte> seconds, ReadOnlySpan<byte> fraction)
    {
        if (_parts.HasTime || hours.Length > 4 || minutes.Length > 2 || seconds.Length > 2)
        {
            Fail(DateTimeFailure.Malformed);
            return;
        }

        _parts.HasTime = true;
        _expectsTime = false;
        var (hour, minute, second) = (Value(hours), Value(minutes), Value(seconds));
        var micros = Micros(fraction);
        Check(minute < 60 && second <= 60 && hour <= 24 && (second < 60 || micros == 0) && (hour < 24 || minute + second + micros == 0));
        _parts.Micros = (((((hour * 60L) + minute) * 60) + second) * 1_000_000) + micros;
    }

    /// <summary>The fraction of a second, rounded to microseconds.</summary>
    private static long Micros(ReadOnlySpan<byte> fraction)
    {
        var micros = 0L;
        for (var i = 0; i < 6; i++)
            micros = (micros * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        return fraction.Length > 6 && fraction[6] >= '5' ? micros + 1 : micros;
    }

    /// <summary>An offset from UTC, or -infinity.</summary>
    private void Signed()
    {
        var isNegative = _text[_at++] == '-';
        var digits = Take(static b => char.IsAsciiDigit((char)b));
        if (digits.IsEmpty)
        {
            SkipSeparators();
            var word = Take(static b => char.IsAsciiLetter((char)b));
            Require(Is(word, "infinity"u8));
            SetSpecial(isNegative ? DateTimeSpecial.MinusInfinity : DateTimeSpecial.Infinity);
            return;
        }

        int hours, minutes = 0, seconds = 0;
        if (Peek() == ':')
        {
            hours = Value(digits);
            _at++;
            minutes = Value(Take(static b => char.IsAsciiDigit((char)b)));
            if (Peek() == ':')
            {
                _at++;
                seconds = Value(Take(static b => char.IsAsciiDigit((char)b)));
            }
        }
        else
        {
            hours = digits.Length <= 2 ? Value(digits) : Value(digits[..^2]);
            minutes = digits.Length <= 2 ? 0 : Value(digits[^2..]);
        }

        if (hours > 15 || minutes > 59 || seconds > 59 || digits.Length > 4)
        {
            Fail(DateTimeFailure.OffsetOutOfRange);
            return;
        }

        var offset = ((((hours * 60) + minutes) * 60) + seconds) * (isNegative ? -1 : 1);
        SetOffset(offset);
    }

    private void Word()
    {
        var start = _at;
        var word = Take(static b => char.IsAsciiLetter((char)b));
        if (Peek() is (byte)'-' or (byte)'/' or (byte)'.' && DateWords.MonthOf(word) > 0 && !HasDateFields)
        {
            _date.HasMonthFirst = true;
            NamedMonth(word);
            var separator = Peek();
            while (Peek() == separator && _failure == DateTimeFailure.None)
            {
                _at++;
                var digits = Take(static b => char.IsAsciiDigit((char)b));
                Require(!digits.IsEmpty && _date.Add(digits));
            }
        }
        else if (Peek() is (byte)'/' or (byte)'_')
        {
            _at = start;
            Zone(Take(static b => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'/' or (byte)'_' or (byte)'-' or (byte)'+'));
        }
        else if (!TryKnownWord(word))
        {
            Zone(word);
        }
    }

    private bool TryKnownWord(ReadOnlySpan<byte> word)
    {
        if (DateWords.MonthOf(word) > 0)
        {
            _date.HasMonthFirst |= _date.Numbers == 0;
            NamedMonth(word);
        }
        else if (Is(word, "t"u8))
        {
            _expectsTime = true;
        }
        else if (Is(word, "j"u8) || Is(word, "jd"u8) || Is(word, "julian"u8))
        {
            SkipSeparators();
            Julian(Take(static b => char.IsAsciiDigit((char)b)));
        }
        else if (Is(word, "am"u8) || Is(word, "pm"u8))
        {
            _halfDay = Is(word, "am"u8) ? 1 : 2;
        }
        else if (Is(word, "bc"u8) || Is(word, "ad"u8))
        {
            _date.IsBeforeChrist = Is(word, "bc"u8);
        }
        else if (DateWords.SpecialOf(word) is { } special)
        {
            SetSpecial(special);
        }
        else
        {
            return DateWords.IsDay(word) || Is(word, "at"u8) || Is(word, "on"u8);
        }

        return true;
    }

    private void Julian(ReadOnlySpan<byte> digits)
    {
        if (digits.Length is 0 or > 9 || HasDateFields)
        {
            Fail(DateTimeFailure.Malformed);
            return;
        }

        (_parts.HasDate, _parts.Days) = (true, Value(digits) - PostgresDates.JulianOfEpoch);
    }

    private void Zone(ReadOnlySpan<byte> name)
    {
        if (TimeZoneNames.TryFindAbbreviation(name, out var seconds))
        {
            SetOffset(seconds);
            return;
        }

        if (!TimeZoneNames.TryFindZone(name, out var zone))
        {
            Fail(name.ContainsAny("/_"u8) ? DateTimeFailure.UnknownZone : DateTimeFailure.Malformed);
            return;
        }

        Require(!_parts.HasZone);
        (_parts.HasZone, _parts.Zone) = (true, zone);
    }

    private void SetOffset(int seconds)
    {
        Require(!_parts.HasZone);
        (_parts.HasZone, _parts.OffsetSeconds) = (true, seconds);
    }

    private void SetSpecial(DateTimeSpecial special)
    {
        if (special == DateTimeSpecial.AllBalls)
        {
            (_parts.HasTime, _parts.HasZone) = (true, true);
            return;
        }

        Require(_parts.Special == DateTimeSpecial.None && !HasDateFields);
        _parts.Special = special;
    }

    private void NamedMonth(ReadOnlySpan<byte> word) => Require(_date.TryName(DateWords.MonthOf(word)));

    private void Resolve()
    {
        Require(!_expectsTime && (_parts.Special == DateTimeSpecial.None || _date.IsEmpty));
        if (_halfDay > 0)
            ResolveHalfDay();
        if (_date.IsEmpty)
        {
            Require(!_date.IsBeforeChrist || _parts.HasDate);
            return;
        }

        var failure = _date.Resolve(out var days);
        if (failure == DateTimeFailure.None)
            (_parts.HasDate, _parts.Days) = (true, days);
        else
            Fail(failure);
    }

    private void ResolveHalfDay()
    {
        var hour = _parts.Micros / 3_600_000_000;
        Require(_parts.HasTime);
        Check(hour is >= 1 and <= 12);
        if (hour == 12)
            _parts.Micros -= 12 * 3_600_000_000L;
        if (_halfDay == 2)
            _parts.Micros += 12 * 3_600_000_000L;
    }

    private readonly bool HasDateFields => !_date.IsEmpty || _parts.HasDate;

    private readonly byte Peek() => _at < _text.Length ? _text[_at] : (byte)0;

    private ReadOnlySpan<byte> Take(Func<byte, bool> belongs)
    {
        var start = _at;
        while (_at < _text.Length && belongs(_text[_at]))
            _at++;
        return _text[start.._at];
    }

    private bool SkipSeparators()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)',')
            _at++;
        return _at < _text.Length;
    }

    private void Require(bool isWellFormed)
    {
        if (!isWellFormed)
            Fail(DateTimeFailure.Malformed);
    }

    private void Check(bool isInRange)
    {
        if (!isInRange)
            Fail(DateTimeFailure.OutOfRange);
    }

    private void Fail(DateTimeFailure failure)
    {
        if (_failure == DateTimeFailure.None)
            _failure = failure;
    }

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(word, other);

    /// <summary>Their value; of nine digits at most.</summary>
    internal static int Value(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var digit in digits[..Math.Min(digits.Length, 9)])
            value = (value * 10) + digit - '0';
        return value;
    }
}

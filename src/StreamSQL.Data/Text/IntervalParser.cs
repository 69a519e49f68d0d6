using System.Buffers.Text;
using System.Text;
using Npgsql;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>The last field of <c>INTERVAL '...' field [TO field]</c>, and how seconds are rounded.</summary>
/// <param name="Last">The smallest unit that is kept, and the unit of a last number without one; null keeps all.</param>
/// <param name="Precision">Digits after the point of seconds that are kept, 0 to 6.</param>
/// <param name="StartsAtMinute">MINUTE TO SECOND, where <c>4:05</c> is minutes and seconds.</param>
public readonly record struct IntervalFields(IntervalUnit? Last, int Precision = 6, bool StartsAtMinute = false)
{
    /// <summary>All fields, six digits.</summary>
    public static readonly IntervalFields All = new(null);

    /// <summary>
    /// The fields of two whole numbers: the last field counted from 1, 0 for all, 16 more when minutes come first; and the precision.
    /// </summary>
    public static IntervalFields FromCodes(int field, int precision) =>
        new((field & 15) == 0 ? null : (IntervalUnit)((field & 15) - 1), precision, field >= 16);

    /// <summary>An interval without what is smaller than the last field.</summary>
    public Interval Apply(Interval value)
    {
        var micros = value.Micros;
        return Last switch
        {
            IntervalUnit.Year => new(value.Months / 12 * 12, 0, 0),
            IntervalUnit.Month => new(value.Months, 0, 0),
            IntervalUnit.Day => new(value.Months, value.Days, 0),
            IntervalUnit.Hour => new(value.Months, value.Days, micros - (micros % 3_600_000_000)),
            IntervalUnit.Minute => new(value.Months, value.Days, micros - (micros % 60_000_000)),
            _ => Precision >= 6 ? value : new(value.Months, value.Days, MicrosText.Round(micros, Precision)),
        };
    }
}

/// <summary>The units that an interval's fields may have.</summary>
public enum IntervalUnit : byte
{
    /// <summary>12 months.</summary>
    Year,

    /// <summary>Months.</summary>
    Month,

    /// <summary>Days.</summary>
    Day,

    /// <summary>Hours.</summary>
    Hour,

    /// <summary>Minutes.</summary>
    Minute,

    /// <summary>Seconds.</summary>
    Second,
}

/// <summary>
/// Reads intervals in PostgreSQL's input forms (its documentation, section 8.5.4): <c>1 year 2 months 3 days 04:05:06</c>, <c>1-2 3
/// 4:05:06</c>, <c>@ 1 day ago</c>, ISO 8601's <c>P1Y2M3DT4H5M6S</c> and <c>P0001-02-03T04:05:06</c>.
/// </summary>
public ref struct IntervalParser
{
    private ReadOnlySpan<byte> _rest;
    private Int128 _months;
    private Int128 _days;
    private Int128 _micros;
    private bool _outOfRange;

    private IntervalParser(ReadOnlySpan<byte> text) => _rest = text;

    /// <summary>Reads an interval; all of the text must be one.</summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> text, IntervalFields fields, out Interval value)
    {
        var parser = new IntervalParser(text.Trim(" \t\r\n"u8));
        value = default;
        var isWellFormed = parser._rest.StartsWith("P"u8) ? parser.TryIso() : parser.TryParts(fields);
        if (!isWellFormed)
            return ParseResult.Malformed;
        if (parser._outOfRange || !Interval.TryCreate(parser._months, parser._days, parser._micros, out value))
            return ParseResult.OutOfRange;
        value = fields.Apply(value);
        return ParseResult.Ok;
    }

    /// <summary>SQLSTATE and message of a text that is no interval, in PostgreSQL's words.</summary>
    public static (string SqlState, string Message) Explain(ParseResult failure, ReadOnlySpan<byte> text)
    {
        var shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, 200)]);
        return failure == ParseResult.OutOfRange
            ? (PostgresErrorCodes.IntervalFieldOverflow, $"interval field value out of range: \"{shown}\"")
            : (PostgresErrorCodes.InvalidDatetimeFormat, $"invalid input syntax for type interval: \"{shown}\"");
    }

    private bool TryParts(IntervalFields fields)
    {
        if (_rest.StartsWith("@"u8))
            _rest = _rest[1..];
        var parts = 0;
        for (; SkipSpaces(); parts++)
        {
            if (IsWord("ago"u8))
            {
                _rest = _rest[3..];
                (_months, _days, _micros) = (-_months, -_days, -_micros);
                return parts > 0 && !SkipSpaces();
            }

            if (!TryPart(fields))
                return false;
        }

        return parts > 0;
    }

    /// <summary>One number with its unit, a time of day, or years and months.</summary>
    private bool TryPart(IntervalFields fields)
    {
        var isNegative = _rest[0] == '-';
        if (_rest[0] is (byte)'-' or (byte)'+')
            _rest = _rest[1..];
        if (!TryNumber(out var number))
            return false;
        if (!_rest.IsEmpty && _rest[0] == ':')
            return TryTime(number, isNegative, fields.StartsAtMinute);
        if (_rest.Length > 1 && _rest[0] == '-' && char.IsAsciiDigit((char)_rest[1]))
        {
            _rest = _rest[1..];
            return TryNumber(out var months) && Fits(months < 12) && AddMonths((decimal.Truncate(number) * 12) + months, isNegative);
        }

        SkipSpaces();
        var word = Word();
        if (word.IsEmpty)
            return TryBare(isNegative ? -number : number, fields);
        _rest = _rest[word.Length..];
        return TryAdd(isNegative ? -number : number, word);
    }

    /// <summary>A number without a unit: days before a time of day; at the end the last field, or seconds.</summary>
    private bool TryBare(decimal number, IntervalFields fields)
    {
        if (_rest.IsEmpty)
            return Add(number, fields.Last ?? IntervalUnit.Second);
        var word = _rest.IndexOf((byte)' ') is var end && end < 0 ? _rest : _rest[..end];
        return word.Contains((byte)':') && Add(number, IntervalUnit.Day);
    }

    private bool TryTime(decimal first, bool isNegative, bool startsAtMinute)
    {
        _rest = _rest[1..];
        if (first != decimal.Truncate(first) || !TryNumber(out var second))
            return false;
        decimal third = 0;
        var hasThird = !_rest.IsEmpty && _rest[0] == ':';
        if (hasThird)
        {
            _rest = _rest[1..];
            if (!TryNumber(out third))
                return false;
        }
        else if (startsAtMinute || second != decimal.Truncate(second))
        {
            (first, second, third) = (0, first, second);
        }

        var seconds = (first * 3600) + (second * 60) + third;
        return second == decimal.Truncate(second)
            && Fits((!hasThird || second < 60) && third < 60.000001m && (hasThird || first == 0 || second < 60))
            && AddMicros(seconds * 1_000_000, isNegative);
    }

    private bool TryIso()
    {
        _rest = _rest[1..];
        var inTime = false;
        var any = false;
        while (!_rest.IsEmpty)
        {
            if (_rest[0] == 'T')
            {
                (inTime, any) = (true, false);
                _rest = _rest[1..];
                continue;
            }

            var isNegative = _rest[0] == '-';
            if (_rest[0] is (byte)'-' or (byte)'+')
                _rest = _rest[1..];
            if (!TryNumber(out var number) || _rest.IsEmpty && !inTime)
                return false;
            any = true;
            if (!_rest.IsEmpty && _rest[0] == ':')
                return inTime && TryTime(number, isNegative, startsAtMinute: false) && _rest.IsEmpty;
            if (!_rest.IsEmpty && _rest[0] == '-' && !inTime)
            {
                if (!TryIsoDate(number))
                    return false;
                continue;
            }

            if (_rest.IsEmpty || !TryIsoUnit(isNegative ? -number : number, inTime))
                return false;
        }

        return any;
    }

    // P0001-02-03: years, months, days.
    private bool TryIsoDate(decimal years)
    {
        _rest = _rest[1..];
        if (!TryNumber(out var months) || _rest.IsEmpty || _rest[0] != '-')
            return false;
        _rest = _rest[1..];
        return TryNumber(out var days) && Add(years, IntervalUnit.Year) && Add(months, IntervalUnit.Month) && Add(days, IntervalUnit.Day);
    }

    private bool TryIsoUnit(decimal number, bool inTime)
    {
        var unit = _rest[0];
        _rest = _rest[1..];
        return (unit, inTime) switch
        {
            ((byte)'Y', false) => Add(number, IntervalUnit.Year),
            ((byte)'M', false) => Add(number, IntervalUnit.Month),
            ((byte)'W', false) => AddDays(number * 7),
            ((byte)'D', false) => Add(number, IntervalUnit.Day),
            ((byte)'H', true) => Add(number, IntervalUnit.Hour),
            ((byte)'M', true) => Add(number, IntervalUnit.Minute),
            ((byte)'S', true) => Add(number, IntervalUnit.Second),
            _ => false,
        };
    }

    private bool TryAdd(decimal number, ReadOnlySpan<byte> word)
    {
        if (TimeFields.Find(word) is not { } field)
            return false;
        return field switch
        {
            TimeField.Microsecond => AddMicros(number, isNegative: false),
            TimeField.Millisecond => AddMicros(number * 1000, isNegative: false),
            TimeField.Second => Add(number, IntervalUnit.Second),
            TimeField.Minute => Add(number, IntervalUnit.Minute),
            TimeField.Hour => Add(number, IntervalUnit.Hour),
            TimeField.Day => Add(number, IntervalUnit.Day),
            TimeField.Week => AddDays(number * 7),
            TimeField.Month => Add(number, IntervalUnit.Month),
            TimeField.Year => Add(number, IntervalUnit.Year),
            TimeField.Decade => Add(number * 10, IntervalUnit.Year),
            TimeField.Century => Add(number * 100, IntervalUnit.Year),
            TimeField.Millennium => Add(number * 1000, IntervalUnit.Year),
            _ => false,
        };
    }

    private bool Add(decimal number, IntervalUnit unit) => unit switch
    {
        IntervalUnit.Year => AddMonths(decimal.Truncate(number) * 12 + decimal.Round((number - decimal.Truncate(number)) * 12),
            isNegative: false),
        IntervalUnit.Month => AddMonths(decimal.Truncate(number), isNegative: false)
            && AddDays((number - decimal.Truncate(number)) * Interval.DaysPerMonth),
        IntervalUnit.Day => AddDays(number),
        IntervalUnit.Hour => AddMicros(number * 3_600_000_000, isNegative: false),
        IntervalUnit.Minute => AddMicros(number * 60_000_000, isNegative: false),
        _ => AddMicros(number * 1_000_000, isNegative: false),
    };

    private bool AddMonths(decimal months, bool isNegative)
    {
        _months += (Int128)(isNegative ? -months : months);
        return true;
    }

    private bool AddDays(decimal days)
    {
        _days += (Int128)decimal.Truncate(days);
        return AddMicros((days - decimal.Truncate(days)) * Interval.MicrosPerDay, isNegative: false);
    }

    private bool AddMicros(decimal micros, bool isNegative)
    {
        _micros += (Int128)decimal.Round(isNegative ? -micros : micros);
        return true;
    }

    private bool Fits(bool inRange)
    {
        _outOfRange |= !inRange;
        return true;
    }

    /// <summary>Digits with at most one point among them; the value is kept far from where products would overflow.</summary>
    private bool TryNumber(out decimal number)
    {
        var length = 0;
        while (length < _rest.Length && (char.IsAsciiDigit((char)_rest[length]) || _rest[length] == '.'))
            length++;
        number = 0;
        if (length == 0 || !_rest[..length].ContainsAnyInRange((byte)'0', (byte)'9') || _rest[..length].Count((byte)'.') > 1)
            return false;
        var digits = _rest[..length];
        _rest = _rest[length..];
        var point = digits.IndexOf((byte)'.');
        if ((point < 0 ? digits.Length : point) > 15)
            return Fits(false);
        // What lies beyond twelve digits after the point is less than a microsecond of any unit but the longest.
        if (point >= 0 && digits.Length > point + 13)
            digits = digits[..(point + 13)];
        if (digits[^1] == '.')
            digits = digits[..^1];
        return digits.IsEmpty || Utf8Parser.TryParse(digits[0] == '.' ? [(byte)'0', .. digits] : digits, out number, out _);
    }

    private readonly ReadOnlySpan<byte> Word()
    {
        var length = 0;
        while (length < _rest.Length && char.IsAsciiLetter((char)_rest[length]))
            length++;
        return _rest[..length];
    }

    private readonly bool IsWord(ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(Word(), word);

    /// <summary>Skips spaces; false at the end.</summary>
    private bool SkipSpaces()
    {
        _rest = _rest.TrimStart(" \t\r\n,"u8);
        return !_rest.IsEmpty;
    }
}

namespace StreamSQL.Data.Text;

/// <summary>The numbers, and the month's name, that a text gives for its date, in the order in which they stand there.</summary>
/// <param name="order">Which number is which part of the date where they leave it open.</param>
internal struct DateNumbers(DateOrder order)
{
    private const int MaxNumbers = 3;
    private const int MaxDigits = 7;

    private Number _first;
    private Number _second;
    private Number _third;
    private int _namedMonth;

    /// <summary>How many numbers there are.</summary>
    public int Numbers { get; private set; }

    /// <summary>How many parts of the date there are: numbers, and the month's name.</summary>
    public readonly int Count => Numbers + (_namedMonth > 0 ? 1 : 0);

    public readonly bool IsEmpty => Count == 0;

    /// <summary>Whether the first number is the year, however few digits it has.</summary>
    public bool IsYearFirst { get; set; }

    /// <summary>Whether the month's name stands before all numbers.</summary>
    public bool HasMonthFirst { get; set; }

    public bool IsBeforeChrist { get; set; }

    /// <summary>The next number; false where there can be none of so many digits, or no more.</summary>
    public bool Add(ReadOnlySpan<byte> digits)
    {
        if (Numbers == MaxNumbers || digits.Length is 0 or > MaxDigits)
            return false;
        var number = new Number(DateTimeParser.Value(digits), digits.Length);
        if (Numbers == 0)
            _first = number;
        else if (Numbers == 1)
            _second = number;
        else
            _third = number;
        Numbers++;
        return true;
    }

    /// <summary>The month by its name; false where it is none (0), or the second.</summary>
    public bool TryName(int month)
    {
        if (_namedMonth > 0 || month == 0)
            return false;
        _namedMonth = month;
        return true;
    }

    /// <summary>The day that the parts make together.</summary>
    /// <param name="days">Days since 1970-01-01.</param>
    public readonly DateTimeFailure Resolve(out long days)
    {
        days = 0;
        if (_namedMonth > 0 && Numbers == 2)
        {
            // Jan 5 2001, 5 Jan 2001, 2001 Jan 5.
            var yearFirst = _first.Length >= 3 || (!HasMonthFirst && _second.Length < 3 && order == DateOrder.YearFirst);
            return yearFirst ? Day(_first, _namedMonth, _second.Value, out days) : Day(_second, _namedMonth, _first.Value, out days);
        }

        if (_namedMonth == 0 && Numbers == 3)
        {
            if (IsYearFirst || _first.Length >= 3 || order == DateOrder.YearFirst)
                return Day(_first, _second.Value, _third.Value, out days);
            return order == DateOrder.DayFirst
                ? Day(_third, _second.Value, _first.Value, out days)
                : Day(_third, _first.Value, _second.Value, out days);
        }

        return _namedMonth == 0 && Numbers == 2 && _first.Length >= 4 && _second.Length == 3
            ? DayOfYear(_first, _second.Value, out days)
            : DateTimeFailure.Malformed;
    }

    private readonly DateTimeFailure Day(Number yearText, int month, int day, out long days)
    {
        days = 0;
        if (month is < 1 or > 12 || day is < 1 or > 31)
            return DateTimeFailure.FieldOutOfRange;
        if (!TryYear(yearText, out var year) || day > CivilCalendar.DaysInMonth(year, month))
            return DateTimeFailure.OutOfRange;
        days = CivilCalendar.DayNumber(year, month, day);
        return DateTimeFailure.None;
    }

    private readonly DateTimeFailure DayOfYear(Number yearText, int day, out long days)
    {
        days = 0;
        if (!TryYear(yearText, out var year) || day < 1 || day > (CivilCalendar.IsLeap(year) ? 366 : 365))
            return DateTimeFailure.OutOfRange;
        days = CivilCalendar.DayNumber(year, 1, 1) + day - 1;
        return DateTimeFailure.None;
    }

    private readonly bool TryYear(Number text, out int year)
    {
        year = text.Value;
        if (IsBeforeChrist)
            year = 1 - year;
        else if (text.Length <= 2)
            year += year < 70 ? 2000 : 1900;
        return text.Value > 0 || (text.Length <= 2 && !IsBeforeChrist);
    }

    /// <summary>A number and how many digits it has: three and more make a year.</summary>
    private readonly record struct Number(int Value, int Length);
}

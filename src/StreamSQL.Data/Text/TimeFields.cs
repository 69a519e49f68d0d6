using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>What can be asked of, cut from or added to a date or time (PostgreSQL's documentation, section 9.9.1).</summary>
internal enum TimeField : byte
{
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    IsoYear,
    Epoch,
    Julian,
    Timezone,
    TimezoneHour,
    TimezoneMinute,
}

/// <summary>Fields by PostgreSQL's names and abbreviations, in any case, singular or plural.</summary>
internal static class TimeFields
{
    private static readonly Dictionary<string, TimeField> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["microsecond"] = TimeField.Microsecond, ["microseconds"] = TimeField.Microsecond, ["us"] = TimeField.Microsecond,
        ["usec"] = TimeField.Microsecond,
        ["usecs"] = TimeField.Microsecond, ["useconds"] = TimeField.Microsecond, ["usecond"] = TimeField.Microsecond,
        ["microsecon"] = TimeField.Microsecond,
        ["millisecond"] = TimeField.Millisecond, ["milliseconds"] = TimeField.Millisecond, ["ms"] = TimeField.Millisecond,
        ["msec"] = TimeField.Millisecond,
        ["msecs"] = TimeField.Millisecond, ["mseconds"] = TimeField.Millisecond, ["msecond"] = TimeField.Millisecond,
        ["second"] = TimeField.Second, ["seconds"] = TimeField.Second, ["sec"] = TimeField.Second, ["secs"] = TimeField.Second,
        ["s"] = TimeField.Second,
        ["minute"] = TimeField.Minute, ["minutes"] = TimeField.Minute, ["min"] = TimeField.Minute, ["mins"] = TimeField.Minute,
        ["m"] = TimeField.Minute,
        ["hour"] = TimeField.Hour, ["hours"] = TimeField.Hour, ["hr"] = TimeField.Hour, ["hrs"] = TimeField.Hour, ["h"] = TimeField.Hour,
        ["day"] = TimeField.Day, ["days"] = TimeField.Day, ["d"] = TimeField.Day,
        ["week"] = TimeField.Week, ["weeks"] = TimeField.Week, ["w"] = TimeField.Week,
        ["month"] = TimeField.Month, ["months"] = TimeField.Month, ["mon"] = TimeField.Month, ["mons"] = TimeField.Month,
        ["quarter"] = TimeField.Quarter, ["qtr"] = TimeField.Quarter,
        ["year"] = TimeField.Year, ["years"] = TimeField.Year, ["yr"] = TimeField.Year, ["yrs"] = TimeField.Year, ["y"] = TimeField.Year,
        ["decade"] = TimeField.Decade, ["decades"] = TimeField.Decade, ["dec"] = TimeField.Decade, ["decs"] = TimeField.Decade,
        ["century"] = TimeField.Century, ["centuries"] = TimeField.Century, ["cent"] = TimeField.Century, ["c"] = TimeField.Century,
        ["millennium"] = TimeField.Millennium, ["millennia"] = TimeField.Millennium, ["mil"] = TimeField.Millennium,
        ["mils"] = TimeField.Millennium,
        ["dow"] = TimeField.DayOfWeek, ["isodow"] = TimeField.IsoDayOfWeek, ["doy"] = TimeField.DayOfYear, ["isoyear"] = TimeField.IsoYear,
        ["epoch"] = TimeField.Epoch, ["julian"] = TimeField.Julian, ["j"] = TimeField.Julian, ["jd"] = TimeField.Julian,
        ["timezone"] = TimeField.Timezone, ["timezone_hour"] = TimeField.TimezoneHour, ["timezone_h"] = TimeField.TimezoneHour,
        ["timezone_minute"] = TimeField.TimezoneMinute, ["timezone_m"] = TimeField.TimezoneMinute,
    };

    private const int LongestName = 16;

    /// <summary>The field of a name; null when there is none.</summary>
    public static TimeField? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[LongestName];
        return name.Length <= LongestName && Encoding.ASCII.TryGetChars(name, text, out var length)
            && Names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var field) ? field : null;
    }

    /// <summary>The field of a name; null when there is none.</summary>
    public static TimeField? Find(string name) => Names.TryGetValue(name, out var field) ? field : null;
}

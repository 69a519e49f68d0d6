using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>
/// Dates, timestamps and instants in the style of a session. What they take is at most <see cref="DateTimeText.MaxLength"/> bytes.
/// </summary>
public static class StyledDates
{
    /// <summary>Writes a date.</summary>
    public static int WriteDate(Span<byte> destination, int days, DateForms forms)
    {
        if (forms.Style == DateStyle.Iso || days is int.MaxValue or int.MinValue)
            return DateTimeText.WritePostgresDate(destination, days);
        var at = WriteDay(destination, days, forms);
        return DateTimeText.IsBeforeChrist(days) ? DateTimeText.AppendEra(destination, at) : at;
    }

    /// <summary>Writes a timestamp without a zone.</summary>
    public static int WriteTimestamp(Span<byte> destination, long micros, DateForms forms) =>
        forms.Style == DateStyle.Iso || MicrosText.IsInfinite(micros) ? MicrosText.Write(destination, micros)
            : WriteMoment(destination, micros, forms, zone: null);

    /// <summary>Writes an instant in the session's zone.</summary>
    public static int WriteInstant(Span<byte> destination, long micros, DateForms forms)
    {
        if (forms.Style == DateStyle.Iso || MicrosText.IsInfinite(micros))
            return MicrosText.WriteInstant(destination, micros, forms.Zone);
        var millis = Math.Clamp(CivilCalendar.FloorDiv(micros, 1000), DateTimeOffset.MinValue.ToUnixTimeMilliseconds(),
            DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        return WriteMoment(destination, MicroZones.ToLocal(forms.Zone, micros), forms,
            ZoneAbbreviations.Of(forms.Zone, DateTimeOffset.FromUnixTimeMilliseconds(millis)));
    }

    private static int WriteMoment(Span<byte> destination, long local, DateForms forms, string? zone)
    {
        var days = CivilCalendar.FloorDiv(local, MicrosText.MicrosPerDay);
        var at = 0;
        if (forms.Style == DateStyle.Postgres)
        {
            var (year, month, day) = CivilCalendar.Date(days);
            at = Append(destination, at, DateWords.Days[CivilCalendar.IsoDayOfWeek(days) % 7][..3]);
            var name = DateWords.Months[month - 1][..3];
            at = Append(destination, at, forms.Order == DateOrder.DayFirst ? $" {day:00} {name} " : $" {name} {day:00} ");
            at += MicrosText.WriteTime(destination[at..], local - (days * MicrosText.MicrosPerDay));
            at = Append(destination, at, $" {ShownYear(year):0000}");
        }
        else
        {
            at = WriteDay(destination, days, forms);
            destination[at++] = (byte)' ';
            at += MicrosText.WriteTime(destination[at..], local - (days * MicrosText.MicrosPerDay));
        }

        if (zone is not null)
            at = Append(destination, at, $" {zone}");
        return DateTimeText.IsBeforeChrist(days) ? DateTimeText.AppendEra(destination, at) : at;
    }

    private static int WriteDay(Span<byte> destination, long days, DateForms forms)
    {
        var (year, month, day) = CivilCalendar.Date(days);
        var separator = forms.Style switch { DateStyle.Sql => '/', DateStyle.German => '.', _ => '-' };
        var dayFirst = forms.Style == DateStyle.German || forms.Order == DateOrder.DayFirst;
        var (first, second) = dayFirst ? (day, month) : (month, day);
        return Append(destination, 0, $"{first:00}{separator}{second:00}{separator}{ShownYear(year):0000}");
    }

    private static int ShownYear(int year) => year > 0 ? year : 1 - year;

    private static int Append(Span<byte> destination, int at, string text) => at + Encoding.ASCII.GetBytes(text, destination[at..]);
}

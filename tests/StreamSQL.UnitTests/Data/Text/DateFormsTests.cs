using System.Text;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Text;

/// <summary>What PostgreSQL 15 writes, and how it reads dates, under each DateStyle and IntervalStyle.</summary>
public sealed class DateFormsTests
{
    [Theory]
    [InlineData("1 year 2 mons 3 days 04:05:06.5", "@ 1 year 2 mons 3 days 4 hours 5 mins 6.5 secs", "+1-2 +3 +4:05:06.5",
        "P1Y2M3DT4H5M6.5S")]
    [InlineData("-1 days", "@ 1 day ago", "-1 0:00:00", "P-1D")]
    [InlineData("00:00:00", "@ 0", "0", "PT0S")]
    [InlineData("-1 years +2 days", "@ 1 year -2 days ago", "-1-0 +2 +0:00:00", "P-1Y2D")]
    [InlineData("1 day -01:00:00", "@ 1 day -1 hours", "+0-0 +1 -1:00:00", "P1DT-1H")]
    [InlineData("1 mon", "@ 1 mon", "0-1", "P1M")]
    [InlineData("10 mons", "@ 10 mons", "0-10", "P10M")]
    [InlineData("-04:05:06", "@ 4 hours 5 mins 6 secs ago", "-4:05:06", "PT-4H-5M-6S")]
    [InlineData("3 days 04:05:06", "@ 3 days 4 hours 5 mins 6 secs", "3 4:05:06", "P3DT4H5M6S")]
    [InlineData("-3 days -04:05:06", "@ 3 days 4 hours 5 mins 6 secs ago", "-3 4:05:06", "P-3DT-4H-5M-6S")]
    [InlineData("-00:00:00.5", "@ 0.5 secs ago", "-0:00:00.5", "PT-0.5S")]
    [InlineData("00:00:01", "@ 1 sec", "0:00:01", "PT1S")]
    [InlineData("-00:00:01", "@ 1 sec ago", "-0:00:01", "PT-1S")]
    [InlineData("2 mons 00:01:01", "@ 2 mons 1 min 1 sec", "+0-2 +0 +0:01:01", "P2MT1M1S")]
    [InlineData(
        "-178956970 years -8 mons -2147483648 days -2562047788:00:54.775807",
        "@ 178956970 years 8 mons 2147483648 days 2562047788 hours 54.775807 secs ago",
        "-178956970-8 -2147483648 -2562047788:00:54.775807",
        "P-178956970Y-8M-2147483648DT-2562047788H-54.775807S")]
    public void Intervals_are_written_in_each_style(string postgres, string verbose, string sqlStandard, string iso)
    {
        IntervalParser.TryParse(Encoding.UTF8.GetBytes(postgres), IntervalFields.All, out var value).ShouldBe(ParseResult.Ok);
        Text(value, IntervalStyle.Postgres).ShouldBe(postgres);
        Text(value, IntervalStyle.PostgresVerbose).ShouldBe(verbose);
        Text(value, IntervalStyle.Iso8601).ShouldBe(iso);
        // PostgreSQL shows a mixed interval's parts with their own signs, and one of a single sign with one in front.
        Text(value, IntervalStyle.SqlStandard).ShouldBe(sqlStandard);
    }

    [Theory]
    [InlineData("ISO, MDY", "2024-03-04", "2024-03-04 05:06:07.5", "2024-07-04 07:06:07+02", "0044-03-15 BC", "0044-03-15 10:00:00 BC")]
    [InlineData("SQL, MDY", "03/04/2024", "03/04/2024 05:06:07.5", "07/04/2024 07:06:07 CEST", "03/15/0044 BC", "03/15/0044 10:00:00 BC")]
    [InlineData("SQL, DMY", "04/03/2024", "04/03/2024 05:06:07.5", "04/07/2024 07:06:07 CEST", "15/03/0044 BC", "15/03/0044 10:00:00 BC")]
    [InlineData("SQL, YMD", "03/04/2024", "03/04/2024 05:06:07.5", "07/04/2024 07:06:07 CEST", "03/15/0044 BC", "03/15/0044 10:00:00 BC")]
    [InlineData(
        "Postgres, MDY", "03-04-2024", "Mon Mar 04 05:06:07.5 2024", "Thu Jul 04 07:06:07 2024 CEST", "03-15-0044 BC",
        "Fri Mar 15 10:00:00 0044 BC")]
    [InlineData(
        "Postgres, DMY", "04-03-2024", "Mon 04 Mar 05:06:07.5 2024", "Thu 04 Jul 07:06:07 2024 CEST", "15-03-0044 BC",
        "Fri 15 Mar 10:00:00 0044 BC")]
    [InlineData("German, DMY", "04.03.2024", "04.03.2024 05:06:07.5", "04.07.2024 07:06:07 CEST", "15.03.0044 BC",
        "15.03.0044 10:00:00 BC")]
    [InlineData("German, MDY", "04.03.2024", "04.03.2024 05:06:07.5", "04.07.2024 07:06:07 CEST", "15.03.0044 BC",
        "15.03.0044 10:00:00 BC")]
    public void Dates_are_written_in_each_style(string style, string date, string timestamp, string instant, string ancientDate,
        string ancientTimestamp)
    {
        var forms = DateForms.Of("Europe/Berlin", style, "postgres");
        Date("2024-03-04", forms).ShouldBe(date);
        Date("0044-03-15 BC", forms).ShouldBe(ancientDate);
        Timestamp("2024-03-04 05:06:07.5", forms).ShouldBe(timestamp);
        Timestamp("0044-03-15 10:00:00 BC", forms).ShouldBe(ancientTimestamp);
        Instant("2024-07-04 05:06:07+00", forms).ShouldBe(instant);
        Instant("infinity", forms).ShouldBe("infinity");
    }

    [Theory]
    [InlineData("01/02/03", "2003-01-02", "2003-02-01", "2001-02-03")]
    [InlineData("2001/02/03", "2001-02-03", "2001-02-03", "2001-02-03")]
    [InlineData("13/02/2003", null, "2003-02-13", null)]
    [InlineData("02/13/2003", "2003-02-13", null, null)]
    [InlineData("1-2-2003", "2003-01-02", "2003-02-01", null)]
    [InlineData("8-Jan-1999", "1999-01-08", "1999-01-08", "1999-01-08")]
    [InlineData("01 02 03", "2003-01-02", "2003-02-01", "2001-02-03")]
    [InlineData("4.5.2006", "2006-04-05", "2006-05-04", null)]
    [InlineData("99-Jan-08", null, null, "1999-01-08")]
    public void Numbers_of_a_date_are_read_in_the_sessions_order(string text, string? monthFirst, string? dayFirst, string? yearFirst)
    {
        foreach (var (order, expected) in new[] { ("MDY", monthFirst), ("DMY", dayFirst), ("YMD", yearFirst) })
        {
            var failure = PostgresDates.TryDate(Encoding.UTF8.GetBytes(text),
                StatementClock.In(DateForms.Of("UTC", "ISO, " + order, "postgres")), out var days);
            (failure == DateTimeFailure.None ? Date(days, DateForms.Utc) : null).ShouldBe(expected, order);
        }
    }

    [Theory]
    [InlineData("ISO", "ISO, DMY")]
    [InlineData("sql", "SQL, DMY")]
    [InlineData("postgresql", "Postgres, DMY")]
    [InlineData("german", "German, DMY")]
    [InlineData("German, MDY", "German, MDY")]
    [InlineData("euro", "SQL, DMY")]
    [InlineData("us", "SQL, MDY")]
    [InlineData("noneuropean", "SQL, MDY")]
    [InlineData("ymd", "SQL, YMD")]
    [InlineData("iso, dmy", "ISO, DMY")]
    [InlineData("default", "ISO, MDY")]
    [InlineData("", "SQL, DMY")]
    [InlineData("sql, postgres", null)]
    [InlineData("dmy, mdy", null)]
    [InlineData("iso,", null)]
    [InlineData("nonsense", null)]
    public void A_date_style_changes_what_it_names(string text, string? expected) =>
        DateForms.TryCombine("SQL, DMY", text).ShouldBe(expected);

    [Theory]
    [InlineData("2001-02-03", false)]
    [InlineData("1/2/2001", true)]
    [InlineData("8-Jan-1999", false)]
    [InlineData("today", true)]
    public void A_text_depends_on_the_session_where_another_style_reads_it_otherwise(string text, bool expected) =>
        DateTexts.DependOnSession(text, SqlType.Date).ShouldBe(expected);

    private static string Text(Interval value, IntervalStyle style)
    {
        Span<byte> text = stackalloc byte[IntervalText.MaxLength];
        return Encoding.UTF8.GetString(text[..StyledIntervals.Write(text, value, style)]);
    }

    private static string Date(string iso, DateForms forms)
    {
        PostgresDates.TryDate(Encoding.UTF8.GetBytes(iso), StatementClock.Utc, out var days).ShouldBe(DateTimeFailure.None);
        return Date(days, forms);
    }

    private static string Date(int days, DateForms forms)
    {
        Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
        return Encoding.UTF8.GetString(text[..StyledDates.WriteDate(text, days, forms)]);
    }

    private static string Timestamp(string iso, DateForms forms)
    {
        PostgresDates.TryTimestamp(Encoding.UTF8.GetBytes(iso), StatementClock.Utc, out var micros).ShouldBe(DateTimeFailure.None);
        Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
        return Encoding.UTF8.GetString(text[..StyledDates.WriteTimestamp(text, micros, forms)]);
    }

    private static string Instant(string iso, DateForms forms)
    {
        PostgresDates.TryInstant(Encoding.UTF8.GetBytes(iso), StatementClock.Utc, out var micros).ShouldBe(DateTimeFailure.None);
        Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
        return Encoding.UTF8.GetString(text[..StyledDates.WriteInstant(text, micros, forms)]);
    }
}

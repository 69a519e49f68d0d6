namespace StreamSQL.Data.Text;

/// <summary>How dates and timestamps are written (PostgreSQL's documentation, section 8.5.2).</summary>
public enum DateStyle : byte
{
    /// <summary><c>1997-12-17 07:37:16-08</c>.</summary>
    Iso,

    /// <summary><c>12/17/1997 07:37:16 PST</c>.</summary>
    Sql,

    /// <summary><c>Wed Dec 17 07:37:16 1997 PST</c>.</summary>
    Postgres,

    /// <summary><c>17.12.1997 07:37:16 PST</c>.</summary>
    German,
}

/// <summary>Which of three numbers is which part of a date.</summary>
public enum DateOrder : byte
{
    /// <summary>MDY.</summary>
    MonthFirst,

    /// <summary>DMY.</summary>
    DayFirst,

    /// <summary>YMD.</summary>
    YearFirst,
}

/// <summary>How intervals are written (PostgreSQL's documentation, section 8.5.5).</summary>
public enum IntervalStyle : byte
{
    /// <summary><c>1 year 2 mons 3 days 04:05:06</c>.</summary>
    Postgres,

    /// <summary><c>@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs</c>.</summary>
    PostgresVerbose,

    /// <summary><c>+1-2 +3 +4:05:06</c>.</summary>
    SqlStandard,

    /// <summary><c>P1Y2M3DT4H5M6S</c>.</summary>
    Iso8601,
}

/// <summary>How a session reads and writes dates, times and intervals: its TimeZone, DateStyle and IntervalStyle.</summary>
/// <param name="Zone">The zone that instants are shown in, and that a time without a zone is meant in.</param>
public sealed record DateForms(TimeZoneInfo Zone)
{
    /// <summary>UTC, <c>ISO, MDY</c>, <c>postgres</c>.</summary>
    public static DateForms Utc { get; } = new(TimeZoneInfo.Utc);

    /// <summary>How dates and timestamps are written.</summary>
    public DateStyle Style { get; init; }

    /// <summary>How numbers of a date are read, and written by the styles that leave it open.</summary>
    public DateOrder Order { get; init; }

    /// <summary>How intervals are written.</summary>
    public IntervalStyle Intervals { get; init; }

    /// <summary>The forms that settings ask for. A zone that is not known is UTC.</summary>
    /// <param name="zone">TimeZone.</param>
    /// <param name="dateStyle">DateStyle as <see cref="TryCombine"/> gives it.</param>
    /// <param name="intervalStyle">IntervalStyle.</param>
    public static DateForms Of(string zone, string dateStyle, string intervalStyle)
    {
        var found = TimeZoneNames.TryFind(System.Text.Encoding.UTF8.GetBytes(zone), out var known) ? known : TimeZoneInfo.Utc;
        return new(found)
        {
            Style = dateStyle.Split(',')[0] switch { "SQL" => DateStyle.Sql, "Postgres" => DateStyle.Postgres, "German" => DateStyle.German,
                _ => DateStyle.Iso },
            Order = dateStyle[^3..] switch { "DMY" => DateOrder.DayFirst, "YMD" => DateOrder.YearFirst, _ => DateOrder.MonthFirst },
            Intervals = intervalStyle switch
            {
                "postgres_verbose" => IntervalStyle.PostgresVerbose,
                "sql_standard" => IntervalStyle.SqlStandard,
                "iso_8601" => IntervalStyle.Iso8601,
                _ => IntervalStyle.Postgres,
            },
        };
    }

    /// <summary>
    /// What DateStyle is after it was set to a text: a style, an order, or both, with commas between; what the text does not name stays.
    /// Null where the text says something else, or two things at once.
    /// </summary>
    /// <param name="before">The value before, such as <c>ISO, MDY</c>.</param>
    /// <param name="text">What it is set to.</param>
    public static string? TryCombine(string before, string text)
    {
        string? style = null, order = null;
        if (string.IsNullOrWhiteSpace(text))
            return before;
        foreach (var part in text.Split(','))
        {
            var word = part.Trim().ToUpperInvariant();
            var named = word switch
            {
                "ISO" or "SQL" => word,
                "GERMAN" => "German",
                _ when word.StartsWith("POSTGRES", StringComparison.Ordinal) => "Postgres",
                _ => null,
            };
            var ordered = word switch
            {
                "YMD" or "DMY" or "MDY" => word,
                "US" => "MDY",
                _ when word.StartsWith("NONEURO", StringComparison.Ordinal) => "MDY",
                _ when word.StartsWith("EURO", StringComparison.Ordinal) => "DMY",
                _ => null,
            };
            if (word != "DEFAULT" && named is null && ordered is null)
                return null;
            if ((named is not null && style is not null && style != named)
                || (ordered is not null && order is not null && order != ordered))
                return null;
            (style, order) = word == "DEFAULT" ? (style ?? "ISO", order ?? "MDY") : (named ?? style, ordered ?? order);
        }

        // German dates begin with their day unless it is said otherwise.
        order ??= style == "German" ? "DMY" : before[^3..];
        return $"{style ?? before.Split(',')[0]}, {order}";
    }
}

using System.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>What can be said of texts of dates without reading them for a session.</summary>
public static class DateTexts
{
    /// <summary>
    /// Whether a text means another value in another session or at another time: <c>today</c>,
    /// <c>1/2/2001</c>, and what has a zone and names none.
    /// </summary>
    public static bool DependOnSession(string text, SqlType type) =>
        PostgresDates.DependsOnSession(Encoding.UTF8.GetBytes(text),
            type.Kind is SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz or SqlTypeKind.TimeTz);

    /// <summary>Whether a text can be read under some DateStyle that is not the default: <c>13/12/2001</c>.</summary>
    public static bool CanBeRead(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return DateTimeParser.TryParse(bytes, isTime: false, DateOrder.DayFirst, out _) == DateTimeFailure.None
            || DateTimeParser.TryParse(bytes, isTime: false, DateOrder.YearFirst, out _) == DateTimeFailure.None;
    }
}

using System.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>What can be said of texts of dates without reading them for a session.</summary>
public static class DateTexts
{
    /// <summary>Whether a text means another value in another zone or at another time: <c>today</c>, and a timestamp with time zone that names no zone.</summary>
    public static bool DependOnSession(string text, SqlType type) =>
        PostgresDates.DependsOnSession(Encoding.UTF8.GetBytes(text), type.Kind is SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz);
}

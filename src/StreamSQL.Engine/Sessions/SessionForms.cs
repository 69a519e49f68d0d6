using StreamSQL.Data.Text;

namespace StreamSQL.Engine.Sessions;

/// <summary>The forms of dates that a session's settings ask for, made anew only when one of them has changed. Not thread-safe.</summary>
public sealed class SessionForms
{
    private (string? Zone, string? Dates, string? Intervals) _known;
    private DateForms _forms = DateForms.Utc;

    /// <summary>The forms.</summary>
    public DateForms Of(SessionSettings settings)
    {
        var wanted = (settings.Find("TimeZone"), settings.Find("DateStyle"), settings.Find("IntervalStyle"));
        if (wanted != _known)
        {
            _known = wanted;
            _forms = DateForms.Of(wanted.Item1 ?? "UTC", wanted.Item2 ?? "ISO, MDY", wanted.Item3 ?? "postgres");
        }

        return _forms;
    }
}

using System.Text;

namespace StreamSQL.Engine.Roles;

/// <summary>
/// SASLprep (RFC 4013), which lets a password be typed in different ways. As in PostgreSQL, a password that it forbids is used as it is.
/// </summary>
public static class SaslPrep
{
    /// <summary>The password as it is hashed.</summary>
    public static string Prepare(string password) => IsPlain(password) ? password : Prepared(password) ?? password;

    // Printable ASCII stays as it is, whatever else is in the tables.
    private static bool IsPlain(string password) => password.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    /// <summary>Null when the password is forbidden.</summary>
    private static string? Prepared(string password)
    {
        var tables = SaslPrepTables.Instance;
        var mapped = new List<int>();
        for (var at = 0; at < password.Length;)
        {
            if (!Rune.TryGetRuneAt(password, at, out var rune))
                return null;
            at += rune.Utf16SequenceLength;
            if (SaslPrepTables.Contains(tables.MappedToSpace, rune.Value))
                mapped.Add(' ');
            else if (!SaslPrepTables.Contains(tables.MappedToNothing, rune.Value))
                mapped.Add(rune.Value);
        }

        var points = tables.Normalize(mapped);
        var isForbidden = points.Count == 0
            || points.Exists(point => SaslPrepTables.Contains(tables.Prohibited, point)
                || SaslPrepTables.Contains(tables.Unassigned, point))
            || !HasOneDirection(points, tables);
        return isForbidden ? null : string.Concat(points.Select(char.ConvertFromUtf32));
    }

    /// <summary>Text with a right-to-left character begins and ends with one and has no left-to-right one.</summary>
    private static bool HasOneDirection(List<int> points, SaslPrepTables tables)
    {
        if (!points.Exists(point => SaslPrepTables.Contains(tables.RightToLeft, point)))
            return true;
        return SaslPrepTables.Contains(tables.RightToLeft, points[0]) && SaslPrepTables.Contains(tables.RightToLeft, points[^1])
            && !points.Exists(point => SaslPrepTables.Contains(tables.LeftToRight, point));
    }
}

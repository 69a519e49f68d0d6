using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>The English words of dates.</summary>
internal static class DateWords
{
    /// <summary>Months in order.</summary>
    public static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    /// <summary>Days in order, Sunday first.</summary>
    public static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    /// <summary>The month of a name or its abbreviation, 1 to 12; 0 when there is none.</summary>
    public static int MonthOf(ReadOnlySpan<byte> word) =>
        Ascii.EqualsIgnoreCase(word, "sept"u8) ? 9 : Find(Months, word) + 1;

    /// <summary>Whether a word is a day of the week or its abbreviation.</summary>
    public static bool IsDay(ReadOnlySpan<byte> word) =>
        Find(Days, word) >= 0 || Ascii.EqualsIgnoreCase(word, "tues"u8) || Ascii.EqualsIgnoreCase(word, "weds"u8)
        || Ascii.EqualsIgnoreCase(word, "thur"u8) || Ascii.EqualsIgnoreCase(word, "thurs"u8);

    /// <summary>The time that a word stands for.</summary>
    public static DateTimeSpecial? SpecialOf(ReadOnlySpan<byte> word) =>
        Is(word, "epoch"u8) ? DateTimeSpecial.Epoch
        : Is(word, "now"u8) ? DateTimeSpecial.Now
        : Is(word, "today"u8) ? DateTimeSpecial.Today
        : Is(word, "tomorrow"u8) ? DateTimeSpecial.Tomorrow
        : Is(word, "yesterday"u8) ? DateTimeSpecial.Yesterday
        : Is(word, "infinity"u8) ? DateTimeSpecial.Infinity
        : Is(word, "allballs"u8) ? DateTimeSpecial.AllBalls : null;

    private static int Find(string[] names, ReadOnlySpan<byte> word)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (word.Length is 3 || word.Length == names[i].Length)
            {
                if (Ascii.EqualsIgnoreCase(word, names[i].AsSpan(0, word.Length)))
                    return i;
            }
        }

        return -1;
    }

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(word, other);
}

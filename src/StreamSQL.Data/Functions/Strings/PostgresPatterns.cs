using System.Text;
using System.Text.RegularExpressions;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>What a regular expression of PostgreSQL's is told besides its text.</summary>
[Flags]
internal enum PatternFlags
{
    /// <summary>Nothing: a dot is any character, <c>^</c> and <c>$</c> are the ends of the text.</summary>
    None = 0,

    /// <summary>i: upper and lower case are the same.</summary>
    IgnoresCase = 1,

    /// <summary>p, n: no line feed in what a dot or a negated bracket means.</summary>
    StopsAtLine = 2,

    /// <summary>w, n: <c>^</c> and <c>$</c> are the ends of lines, too.</summary>
    HasLineAnchors = 4,

    /// <summary>x: white space and comments in the pattern mean nothing.</summary>
    IsExpanded = 8,

    /// <summary>q: the pattern is plain text.</summary>
    IsLiteral = 16,
}

/// <summary>
/// Compiles PostgreSQL's regular expressions. What an automaton can match it matches, in time linear in the text; what looks around or
/// refers back is tried by backtracking, for <see cref="Patience"/> at most.
/// </summary>
internal static class PostgresPatterns
{
    /// <summary>What an error says when <see cref="Patience"/> is over (2201B).</summary>
    public const string TooComplex = "regular expression failed: regular expression is too complex";

    /// <summary>How long one match may take by backtracking.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The flags that letters stand for, beside those that hold already; or the first letter that is none.</summary>
    public static (PatternFlags Flags, Rune? Unknown) Read(string letters, PatternFlags flags = PatternFlags.None)
    {
        const PatternFlags Lines = PatternFlags.StopsAtLine | PatternFlags.HasLineAnchors;
        foreach (var letter in letters.EnumerateRunes())
        {
            switch (letter.Value)
            {
                case 'i':
                    flags |= PatternFlags.IgnoresCase;
                    break;
                case 'c':
                    flags &= ~PatternFlags.IgnoresCase;
                    break;
                case 'n' or 'm':
                    flags |= Lines;
                    break;
                case 'p':
                    flags = (flags & ~Lines) | PatternFlags.StopsAtLine;
                    break;
                case 'w':
                    flags = (flags & ~Lines) | PatternFlags.HasLineAnchors;
                    break;
                case 's':
                    flags &= ~Lines;
                    break;
                case 'x':
                    flags |= PatternFlags.IsExpanded;
                    break;
                case 't':
                    flags &= ~PatternFlags.IsExpanded;
                    break;
                case 'q':
                    flags |= PatternFlags.IsLiteral;
                    break;
                // Of g, each function makes its own; of the kinds of patterns there is one here.
                case 'g' or 'b' or 'e' or 'a':
                    break;
                default:
                    return (flags, letter);
            }
        }

        return (flags, null);
    }

    /// <summary>The pattern without flags; null where it is malformed.</summary>
    public static Regex? TryCompile(ReadOnlySpan<byte> pattern) => TryCompile(pattern, PatternFlags.None);

    /// <summary>The pattern; null where it is malformed.</summary>
    public static Regex? TryCompile(ReadOnlySpan<byte> pattern, PatternFlags flags)
    {
        try
        {
            return Compile(Encoding.UTF8.GetString(pattern), flags);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The pattern.</summary>
    /// <exception cref="ArgumentException">It is malformed.</exception>
    public static Regex Compile(string pattern, PatternFlags flags)
    {
        (pattern, flags) = Director(pattern, flags);
        var options = RegexOptions.CultureInvariant | RegexOptions.Singleline;
        options |= flags.HasFlag(PatternFlags.IgnoresCase) ? RegexOptions.IgnoreCase : 0;
        options |= flags.HasFlag(PatternFlags.HasLineAnchors) ? RegexOptions.Multiline : 0;
        options |= flags.HasFlag(PatternFlags.IsExpanded) ? RegexOptions.IgnorePatternWhitespace : 0;
        var text = flags.HasFlag(PatternFlags.IsLiteral) ? Regex.Escape(pattern) : PostgresRegex.Pattern(pattern, flags);
        try
        {
            return new Regex(text, options | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex(text, options, Patience);
        }
    }

    // ***: and ***= say what kind of pattern follows, (?letters) its flags.
    private static (string Pattern, PatternFlags Flags) Director(string pattern, PatternFlags flags)
    {
        if (flags.HasFlag(PatternFlags.IsLiteral))
            return (pattern, flags);
        if (pattern.StartsWith("***=", StringComparison.Ordinal))
            return (pattern[4..], flags | PatternFlags.IsLiteral);
        if (pattern.StartsWith("***:", StringComparison.Ordinal))
            pattern = pattern[4..];
        var end = pattern.StartsWith("(?", StringComparison.Ordinal) ? pattern.AsSpan(2).IndexOfAnyExceptInRange('a', 'z') + 2 : 0;
        if (end <= 2 || pattern[end] != ')')
            return (pattern, flags);
        var (own, unknown) = Read(pattern[2..end], flags);
        return unknown is null ? (pattern[(end + 1)..], own) : (pattern, flags);
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// A regular expression over topic names, matched in time linear in the name as RE2 does: no look-around, no back-references.
/// </summary>
internal sealed class TopicPattern
{
    private const int MaxLength = 4096;
    private readonly Regex _regex;

    private TopicPattern(Regex regex) => _regex = regex;

    /// <summary>Understands an expression; false when it is malformed, too long, or needs backtracking.</summary>
    public static bool TryParse(string expression, [NotNullWhen(true)] out TopicPattern? pattern)
    {
        pattern = null;
        if (expression.Length > MaxLength)
            return false;
        try
        {
            // Checked by itself first: inside the anchored group a stray parenthesis could pass.
            _ = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            pattern = new TopicPattern(new Regex($@"\A(?:{expression})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Whether a whole name matches.</summary>
    public bool Matches(string topic) => _regex.IsMatch(topic);
}

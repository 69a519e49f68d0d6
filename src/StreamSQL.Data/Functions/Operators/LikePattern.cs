using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>
/// A LIKE pattern, compiled once: <c>%</c> matches any text, <c>_</c> one character, the escape character takes the next one literally.
/// Matching takes at most (text length x pattern length) steps, whatever the pattern.
/// </summary>
internal sealed class LikePattern
{
    private readonly Shape _shape;
    private readonly byte[] _literal;
    private readonly byte[] _tokens;
    private readonly bool[] _wild;
    private readonly bool _ignoreCase;

    private LikePattern(byte[] tokens, bool[] wild, bool ignoreCase)
    {
        _tokens = tokens;
        _wild = wild;
        _ignoreCase = ignoreCase;
        (_shape, _literal) = Classify(tokens, wild);
    }

    private enum Shape : byte
    {
        Exact,
        Prefix,
        Suffix,
        Contains,
        General,
    }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">UTF-8.</param>
    /// <param name="escape">The escape character as UTF-8; empty for none.</param>
    /// <param name="ignoreCase">Whether letters match in any case (ILIKE).</param>
    /// <returns>Null when the pattern ends with the escape character.</returns>
    public static LikePattern? TryCompile(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> escape, bool ignoreCase)
    {
        var folded = ignoreCase ? CaseFolding.Lower(pattern) : pattern.ToArray();
        var tokens = new List<byte>(folded.Length);
        var wild = new List<bool>(folded.Length);
        for (var i = 0; i < folded.Length;)
        {
            var isWild = true;
            if (escape.Length > 0 && folded.AsSpan(i).StartsWith(escape))
            {
                i += escape.Length;
                if (i >= folded.Length)
                    return null;
                isWild = false;
            }

            isWild &= folded[i] is (byte)'%' or (byte)'_';
            if (!(isWild && folded[i] == '%' && tokens.Count > 0 && wild[^1] && tokens[^1] == '%'))
            {
                tokens.Add(folded[i]);
                wild.Add(isWild);
            }

            i++;
        }

        return new([.. tokens], [.. wild], ignoreCase);
    }

    /// <summary>Whether a text matches.</summary>
    public bool Matches(ReadOnlySpan<byte> text)
    {
        if (_ignoreCase)
            text = CaseFolding.LowerToScratch(text);
        return _shape switch
        {
            Shape.Exact => text.SequenceEqual(_literal),
            Shape.Prefix => text.StartsWith(_literal),
            Shape.Suffix => text.EndsWith(_literal),
            Shape.Contains => text.IndexOf(_literal) >= 0,
            _ => MatchesGeneral(text),
        };
    }

    /// <summary>Two cursors; after a mismatch the last % takes one character more.</summary>
    private bool MatchesGeneral(ReadOnlySpan<byte> text)
    {
        int at = 0, token = 0, resumeText = -1, resumeToken = -1;
        while (at < text.Length)
        {
            if (token < _tokens.Length && _wild[token] && _tokens[token] == '%')
            {
                resumeToken = ++token;
                resumeText = at;
            }
            else if (token < _tokens.Length && _wild[token])
            {
                at = NextCharacter(text, at);
                token++;
            }
            else if (token < _tokens.Length && _tokens[token] == text[at])
            {
                at++;
                token++;
            }
            else if (resumeToken >= 0)
            {
                resumeText = NextCharacter(text, resumeText);
                at = resumeText;
                token = resumeToken;
            }
            else
            {
                return false;
            }
        }

        while (token < _tokens.Length && _wild[token] && _tokens[token] == '%')
            token++;
        return token == _tokens.Length;
    }

    private static int NextCharacter(ReadOnlySpan<byte> text, int at)
    {
        at++;
        while (at < text.Length && (text[at] & 0xC0) == 0x80)
            at++;
        return at;
    }

    private static (Shape Shape, byte[] Literal) Classify(byte[] tokens, bool[] wild)
    {
        var open = tokens.Length > 0 && wild[0] && tokens[0] == '%';
        var close = tokens.Length > 1 && wild[^1] && tokens[^1] == '%';
        var first = open ? 1 : 0;
        var last = tokens.Length - (close ? 1 : 0);
        if (wild.AsSpan(first..last).Contains(true))
            return (Shape.General, []);
        var literal = tokens[first..last];
        return (open, close) switch
        {
            (true, true) => (Shape.Contains, literal),
            (true, false) => (Shape.Suffix, literal),
            (false, true) => (Shape.Prefix, literal),
            _ => (Shape.Exact, literal),
        };
    }
}

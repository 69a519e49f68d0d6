using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamSQL.Data.Functions.Strings;

namespace StreamSQL.Data.Functions.Json.Paths;

/// <summary>Reads SQL/JSON paths (PostgreSQL's manual, "The SQL/JSON Path Language").</summary>
internal sealed class PathParser
{
    private const int MaxDepth = 200;

    private static readonly HashSet<string> s_methods = new(StringComparer.Ordinal)
        { "type", "size", "double", "ceiling", "floor", "abs", "keyvalue" };

    private readonly string _text;
    private int _at;
    private int _depth;

    private PathParser(string text) => _text = text;

    /// <summary>A path and whether it is strict; null when the text is none, with what is wrong.</summary>
    public static JsonPathQuery? TryParse(string text, out string error)
    {
        var parser = new PathParser(text);
        try
        {
            var isStrict = parser.TakeWord("strict");
            if (!isStrict)
                parser.TakeWord("lax");
            var root = parser.Or();
            parser.SkipSpaces();
            if (parser._at < text.Length)
                throw parser.Unexpected();
            error = "";
            return new(root, isStrict);
        }
        catch (FormatException e)
        {
            error = e.Message;
            return null;
        }
    }

    private PathNode Or()
    {
        if (++_depth > MaxDepth)
            throw new FormatException("jsonpath is nested too deep");
        var left = And();
        while (Take("||"))
            left = new PathLogical(false, left, And());
        _depth--;
        return left;
    }

    private PathNode And()
    {
        var left = Comparison();
        while (Take("&&"))
            left = new PathLogical(true, left, Comparison());
        return left;
    }

    private PathNode Comparison()
    {
        if (Peek() == '!' && PeekAt(1) != '=')
        {
            _at++;
            return new PathNot(Comparison());
        }

        if (TakeWord("exists"))
            return new PathExists(Parenthesised());
        var left = Sum();
        foreach (var symbol in (ReadOnlySpan<string>)["==", "!=", "<>", "<=", ">=", "<", ">"])
        {
            if (Take(symbol))
                return new PathComparison(symbol == "<>" ? "!=" : symbol, left, Sum());
        }

        if (TakeWord("like_regex"))
            return Regex(left);
        if (TakeWord("starts"))
        {
            RequireWord("with");
            return new PathStartsWith(left, Peek() == '$' ? Variable() : new PathConstant(Json(Quoted())));
        }

        if (!TakeWord("is"))
            return left;
        RequireWord("unknown");
        return new PathIsUnknown(left);
    }

    private PathNode Regex(PathNode operand)
    {
        var pattern = Quoted();
        var letters = TakeWord("flag") ? Quoted() : "";
        // By XQuery's rules a dot stops at a line feed, unless it is told not to.
        var flags = letters.Contains('s', StringComparison.Ordinal) ? PatternFlags.None : PatternFlags.StopsAtLine;
        foreach (var letter in letters)
        {
            flags |= letter switch
            {
                'i' => PatternFlags.IgnoresCase,
                'm' => PatternFlags.HasLineAnchors,
                'q' => PatternFlags.IsLiteral,
                's' => PatternFlags.None,
                _ => throw new FormatException($"Unrecognized flag character \"{letter}\" in LIKE_REGEX predicate."),
            };
        }

        return new PathRegex(operand, PostgresPatterns.TryCompile(Encoding.UTF8.GetBytes(pattern), flags)
            ?? throw new FormatException($"invalid regular expression: \"{pattern}\""));
    }

    private PathNode Sum()
    {
        var left = Product();
        while (Peek() is '+' or '-')
            left = new PathArithmetic(_text[_at++], left, Product());
        return left;
    }

    private PathNode Product()
    {
        var left = Signed();
        while (Peek() is '*' or '/' or '%')
            left = new PathArithmetic(_text[_at++], left, Signed());
        return left;
    }

    private PathNode Signed()
    {
        if (Peek() is not ('+' or '-'))
            return Accessors(Primary());
        if (++_depth > MaxDepth)
            throw new FormatException("jsonpath is nested too deep");
        var sign = new PathArithmetic(_text[_at++], null, Signed());
        _depth--;
        return sign;
    }

    private PathNode Primary()
    {
        switch (Peek())
        {
            case '(':
                return Parenthesised();
            case '@':
                _at++;
                return new PathRoot(PathRootKind.Current);
            case '$' when !IsNameStart(PeekAt(1)) && PeekAt(1) != '"':
                _at++;
                return new PathRoot(PathRootKind.Whole);
            case '$':
                return Variable();
            case '"':
                return new PathConstant(Json(Quoted()));
            case >= '0' and <= '9' or '.':
                return new PathConstant(Number());
        }

        if (TakeWord("last"))
            return new PathRoot(PathRootKind.Last);
        foreach (var word in (ReadOnlySpan<string>)["true", "false", "null"])
        {
            if (TakeWord(word))
                return new PathConstant(Parsed(word));
        }

        throw Unexpected();
    }

    private PathNode Accessors(PathNode node)
    {
        while (true)
        {
            switch (Peek())
            {
                case '.':
                    _at++;
                    node = AfterPoint(node);
                    break;
                case '[':
                    _at++;
                    node = Elements(node);
                    break;
                case '?':
                    _at++;
                    node = new PathFilter(node, Parenthesised());
                    break;
                default:
                    return node;
            }
        }
    }

    private PathNode AfterPoint(PathNode node)
    {
        if (Take("**"))
            return Descent(node);
        if (Take("*"))
            return new PathMember(node, null);
        if (Peek() == '"')
            return new PathMember(node, Quoted());
        if (Peek() == '$')
            throw Unexpected();
        var name = Name();
        if (!s_methods.Contains(name) || Peek() != '(')
            return new PathMember(node, name);
        _at++;
        Require(")");
        return new PathMethod(node, name);
    }

    private PathDescent Descent(PathNode node)
    {
        if (!Take("{"))
            return new(node, 0, int.MaxValue);
        var from = Level();
        var to = TakeWord("to") ? Level() : from;
        Require("}");
        return new(node, from, to);
    }

    private int Level()
    {
        if (TakeWord("last"))
            return int.MaxValue;
        SkipSpaces();
        var start = _at;
        while (char.IsAsciiDigit(PeekAt(0)))
            _at++;
        return int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            ? level : throw Unexpected();
    }

    private PathElements Elements(PathNode node)
    {
        if (Take("*"))
        {
            Require("]");
            return new(node, null);
        }

        var ranges = new List<(PathNode, PathNode?)>();
        do
        {
            var from = Sum();
            ranges.Add((from, TakeWord("to") ? Sum() : null));
        }
        while (Take(","));
        Require("]");
        return new(node, ranges);
    }

    private PathNode Parenthesised()
    {
        Require("(");
        var inner = Or();
        Require(")");
        return inner;
    }

    private PathVariable Variable()
    {
        _at++;
        return new(_at < _text.Length && _text[_at] == '"' ? Quoted() : Name());
    }

    private string Name()
    {
        SkipSpaces();
        var start = _at;
        while (_at < _text.Length && (IsNameStart(_text[_at]) || char.IsDigit(_text[_at])))
            _at++;
        return _at > start && !char.IsDigit(_text[start]) ? _text[start.._at] : throw Unexpected();
    }

    private JsonElement Number()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '.'
            || (_text[_at] is '+' or '-' && _text[_at - 1] is 'e' or 'E')))
        {
            // 1.type() is a method of a number only in parentheses; a point before a letter ends the number.
            if (_text[_at] == '.' && _at + 1 < _text.Length && char.IsAsciiLetter(_text[_at + 1]))
                break;
            _at++;
        }

        var text = _text[start.._at];
        text = (text.StartsWith('.') ? "0" : "") + (text.EndsWith('.') ? text[..^1] : text);
        try
        {
            return Parsed(text);
        }
        catch (JsonException)
        {
            throw new FormatException($"trailing junk after numeric literal at or near \"{text}\" of jsonpath input");
        }
    }

    private string Quoted()
    {
        SkipSpaces();
        if (_at >= _text.Length || _text[_at] != '"')
            throw Unexpected();
        var start = _at++;
        while (_at < _text.Length && _text[_at] != '"')
            _at += _text[_at] == '\\' ? 2 : 1;
        if (_at >= _text.Length)
            throw new FormatException("unterminated quoted string at end of jsonpath input");
        _at++;
        try
        {
            return Parsed(_text[start.._at]).GetString()!;
        }
        catch (JsonException)
        {
            throw new FormatException("invalid escape in a quoted string of jsonpath input");
        }
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);

    private static JsonElement Parsed(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static bool IsNameStart(char c) => char.IsLetter(c) || c == '_' || c > 0x7F;

    private char Peek()
    {
        SkipSpaces();
        return PeekAt(0);
    }

    private char PeekAt(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private bool Take(string symbol)
    {
        SkipSpaces();
        if (string.CompareOrdinal(_text, _at, symbol, 0, symbol.Length) != 0)
            return false;
        _at += symbol.Length;
        return true;
    }

    private bool TakeWord(string word)
    {
        SkipSpaces();
        if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0 || IsNameStart(PeekAt(word.Length))
            || char.IsAsciiDigit(PeekAt(word.Length)))
            return false;
        _at += word.Length;
        return true;
    }

    private void Require(string symbol)
    {
        if (!Take(symbol))
            throw Unexpected();
    }

    private void RequireWord(string word)
    {
        if (!TakeWord(word))
            throw Unexpected();
    }

    private void SkipSpaces()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }

    private FormatException Unexpected() =>
        new(_at >= _text.Length ? "syntax error at end of jsonpath input" : $"syntax error at or near \"{_text[_at]}\" of jsonpath input");
}

/// <summary>A path, read.</summary>
internal sealed record JsonPathQuery(PathNode Root, bool IsStrict);

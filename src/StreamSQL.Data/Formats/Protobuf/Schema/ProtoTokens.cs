using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>What a token is.</summary>
internal enum ProtoTokenKind : byte
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>A word: letters, digits and underscores; keywords too.</summary>
    Word,

    /// <summary>An integer or floating-point number without its sign.</summary>
    Number,

    /// <summary>A string; its text is the content, escapes undone: one character a byte where <c>\x</c> or octal escapes are.</summary>
    String,

    /// <summary>One other character.</summary>
    Symbol,
}

/// <summary>A token and where it stands.</summary>
internal readonly record struct ProtoToken(ProtoTokenKind Kind, string Text, int Line, int Column)
{
    /// <summary>Whether it is this symbol.</summary>
    public bool IsSymbol(char symbol) => Kind == ProtoTokenKind.Symbol && Text[0] == symbol;

    /// <summary>Whether it is this word.</summary>
    public bool IsWord(string word) => Kind == ProtoTokenKind.Word && Text == word;

    /// <summary>As it is written, strings in quotes.</summary>
    public override string ToString() => Kind switch
    {
        ProtoTokenKind.End => "the end of the text",
        ProtoTokenKind.String => Quote(Text),
        _ => Text,
    };

    /// <summary>A string as <c>.proto</c> files write it.</summary>
    public static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\0", "\\0", StringComparison.Ordinal)}\"";
}

/// <summary>The tokens of a <c>.proto</c> text, one at a time; comments and white space are skipped.</summary>
internal sealed class ProtoTokens
{
    /// <summary>Characters that a text may have.</summary>
    public const int MaxLength = 1 << 20;

    private readonly string _text;
    private int _at;
    private int _line = 1;
    private int _lineStart;

    /// <summary>Starts at the beginning of a text.</summary>
    /// <exception cref="SqlException">22023: the text is too long, or does not begin with a token.</exception>
    public ProtoTokens(string text)
    {
        if (text.Length > MaxLength)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue,
                $"A Protobuf schema may have {MaxLength} characters, this one has {text.Length}.");
        _text = text;
        Current = Read();
    }

    /// <summary>The token that comes next.</summary>
    public ProtoToken Current { get; private set; }

    /// <summary>Takes the next token.</summary>
    public ProtoToken Take()
    {
        var token = Current;
        if (token.Kind != ProtoTokenKind.End)
            Current = Read();
        return token;
    }

    /// <summary>Takes a symbol if it is next.</summary>
    public bool TryTake(char symbol)
    {
        if (!Current.IsSymbol(symbol))
            return false;
        Take();
        return true;
    }

    /// <summary>Takes a word if it is next.</summary>
    public bool TryTake(string word)
    {
        if (!Current.IsWord(word))
            return false;
        Take();
        return true;
    }

    /// <summary>Takes a symbol that must be next.</summary>
    public void Expect(char symbol)
    {
        if (!TryTake(symbol))
            throw Error(Current, $"'{symbol}' expected, found {Current}");
    }

    /// <summary>Takes a word that must be next; <paramref name="what"/> says what is expected.</summary>
    public string ExpectWord(string what) =>
        Current.Kind == ProtoTokenKind.Word ? Take().Text : throw Error(Current, $"{what} expected, found {Current}");

    /// <summary>Takes a string that must be next; strings behind each other are one.</summary>
    public string ExpectString()
    {
        if (Current.Kind != ProtoTokenKind.String)
            throw Error(Current, $"a string expected, found {Current}");
        var text = Take().Text;
        if (Current.Kind != ProtoTokenKind.String)
            return text;
        var joined = new StringBuilder(text);
        while (Current.Kind == ProtoTokenKind.String)
            joined.Append(Take().Text);
        return joined.ToString();
    }

    /// <summary>Takes a 32-bit integer that must be next.</summary>
    public int ExpectInteger(string what)
    {
        var start = Current;
        var sign = TryTake('-') ? "-" : "";
        if (Current.Kind == ProtoTokenKind.Number && ProtoDefaults.TryParseInteger(sign + Current.Text, out var value)
            && value >= int.MinValue && value <= int.MaxValue)
        {
            Take();
            return (int)value;
        }

        throw Error(start, $"{what} expected, found {Current}");
    }

    /// <summary>Takes words joined by dots, perhaps with a dot before them.</summary>
    public ProtoTypeName ExpectName(string what)
    {
        var start = Current;
        var name = new StringBuilder(TryTake('.') ? "." : "").Append(ExpectWord(what));
        while (TryTake('.'))
            name.Append('.').Append(ExpectWord(what));
        return new ProtoTypeName(name.ToString(), start.Line, start.Column);
    }

    /// <summary>An error at a token.</summary>
    public static SqlException Error(ProtoToken token, string reason) => Error(token.Line, token.Column, reason);

    /// <summary>An error at a place.</summary>
    public static SqlException Error(int line, int column, string reason) => new(
        PostgresErrorCodes.InvalidParameterValue,
        string.Create(CultureInfo.InvariantCulture, $"Invalid Protobuf schema, line {line}, column {column}: {reason}."));

    private ProtoToken Read()
    {
        SkipBlank();
        var column = _at - _lineStart + 1;
        if (_at == _text.Length)
            return new ProtoToken(ProtoTokenKind.End, "", _line, column);
        var first = _text[_at];
        var next = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
        if (first is '"' or '\'')
            return new ProtoToken(ProtoTokenKind.String, ReadString(column), _line, column);
        if (char.IsAsciiLetter(first) || first == '_')
            return new ProtoToken(ProtoTokenKind.Word, ReadWhile(static c => char.IsAsciiLetterOrDigit(c) || c == '_'), _line, column);
        if (char.IsAsciiDigit(first) || (first == '.' && char.IsAsciiDigit(next)))
            return new ProtoToken(ProtoTokenKind.Number, ReadNumber(), _line, column);
        if (!char.IsAscii(first) || char.IsControl(first))
            throw Error(_line, column, $"the character U+{(int)first:X4} does not belong here");
        _at++;
        return new ProtoToken(ProtoTokenKind.Symbol, first.ToString(), _line, column);
    }

    private string ReadWhile(Func<char, bool> belongs)
    {
        var start = _at;
        while (_at < _text.Length && belongs(_text[_at]))
            _at++;
        return _text[start.._at];
    }

    private string ReadNumber()
    {
        var start = _at;
        while (_at < _text.Length)
        {
            var isSign = _text[_at] is '+' or '-' && _at > start && _text[_at - 1] is 'e' or 'E';
            if (!isSign && !char.IsAsciiLetterOrDigit(_text[_at]) && _text[_at] != '.')
                break;
            _at++;
        }

        return _text[start.._at];
    }

    private void SkipBlank()
    {
        while (_at < _text.Length)
        {
            var current = _text[_at];
            if (current == '\n')
                NewLine();
            else if (current is ' ' or '\t' or '\r' or '\v' or '\f' or '\uFEFF')
                _at++;
            else if (current == '/' && _at + 1 < _text.Length && _text[_at + 1] is '/' or '*')
                SkipComment();
            else
                return;
        }
    }

    private void SkipComment()
    {
        var (line, column) = (_line, _at - _lineStart + 1);
        if (_text[_at + 1] == '/')
        {
            while (_at < _text.Length && _text[_at] != '\n')
                _at++;
            return;
        }

        for (_at += 2; _at < _text.Length; _at++)
        {
            if (_text[_at] == '*' && _at + 1 < _text.Length && _text[_at + 1] == '/')
            {
                _at += 2;
                return;
            }

            if (_text[_at] == '\n')
            {
                NewLine();
                _at--;
            }
        }

        throw Error(line, column, "the comment does not end");
    }

    private void NewLine()
    {
        _at++;
        _line++;
        _lineStart = _at;
    }

    private string ReadString(int column)
    {
        var quote = _text[_at++];
        var content = new StringBuilder();
        while (_at < _text.Length && _text[_at] != '\n')
        {
            var current = _text[_at++];
            if (current == quote)
                return content.ToString();
            if (current == '\\' && _at < _text.Length)
                ReadEscape(content);
            else
                content.Append(current);
        }

        throw Error(_line, column, "the string does not end on its line");
    }

    private void ReadEscape(StringBuilder content)
    {
        var column = _at - _lineStart;
        var kind = _text[_at++];
        switch (kind)
        {
            case 'x' or 'X':
                AppendDigits(content, 2, 16, column);
                break;
            case 'u':
                AppendDigits(content, 4, 16, column);
                break;
            case >= '0' and <= '7':
                _at--;
                AppendDigits(content, 3, 8, column);
                break;
            default:
                var index = "abfnrtv\\'\"?".IndexOf(kind, StringComparison.Ordinal);
                if (index < 0)
                    throw Error(_line, column, "unknown escape in a string");
                content.Append("\a\b\f\n\r\t\v\\'\"?"[index]);
                break;
        }
    }

    private void AppendDigits(StringBuilder content, int most, int numberBase, int column)
    {
        var start = _at;
        while (_at < _text.Length && _at - start < most
            && (numberBase == 16 ? char.IsAsciiHexDigit(_text[_at]) : _text[_at] is >= '0' and <= '7'))
            _at++;
        if (_at == start)
            throw Error(_line, column, "unknown escape in a string");
        content.Append((char)Convert.ToInt32(_text[start.._at], numberBase));
    }
}

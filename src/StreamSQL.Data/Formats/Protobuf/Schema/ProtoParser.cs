using System.Text;
using StreamSQL.Data.Errors;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>
/// Parses <c>.proto</c> files, proto2 and proto3. Services, extensions and options have no meaning for records: they keep their text. Names
/// of types are resolved by <see cref="ProtoLinker"/>.
/// </summary>
internal sealed class ProtoParser
{
    private readonly ProtoTokens _tokens;
    private readonly ProtoOptions _options;
    private readonly ProtoFile _file = new();

    private ProtoParser(string text)
    {
        _tokens = new ProtoTokens(text);
        _options = new ProtoOptions(_tokens);
    }

    /// <summary>Parses a text; types are not resolved yet.</summary>
    /// <exception cref="SqlException">22023: not a <c>.proto</c> file; the message has line and column.</exception>
    public static ProtoFile Parse(string text)
    {
        var parser = new ProtoParser(text);
        parser.ParseFile();
        return parser._file;
    }

    private void ParseFile()
    {
        if (_tokens.Current.IsWord("syntax"))
            ParseSyntax();
        while (_tokens.Current.Kind != ProtoTokenKind.End)
        {
            var start = _tokens.Current;
            if (_tokens.TryTake(';'))
                continue;
            switch (_tokens.ExpectWord("a declaration"))
            {
                case "package":
                    if (_file.Package.Length > 0 || _file.Messages.Count + _file.Enums.Count > 0)
                        throw ProtoTokens.Error(start, "the package must stand once, before all types");
                    _file.Package = _tokens.ExpectName("the name of the package").Name;
                    _tokens.Expect(';');
                    break;
                case "import":
                    ParseImport();
                    break;
                case "option":
                    _file.Options.Add(_options.ParseStatement());
                    break;
                case "message":
                    _file.Messages.Add(new ProtoMessageParser(_tokens, _options, _file.IsProto3).Parse(_file.Package,
                        ProtobufTypes.MaxDepth));
                    break;
                case "enum":
                    _file.Enums.Add(ParseEnum(_tokens, _options, _file.Package, _file.IsProto3));
                    break;
                case "service" or "extend":
                    _file.Others.Add($"{start.Text} {CaptureBlock(_tokens)}");
                    break;
                default:
                    throw ProtoTokens.Error(start, $"a declaration expected, found {start}");
            }
        }
    }

    private void ParseSyntax()
    {
        _tokens.Take();
        _tokens.Expect('=');
        var start = _tokens.Current;
        var syntax = _tokens.ExpectString();
        if (syntax is not ("proto2" or "proto3"))
            throw ProtoTokens.Error(start, $"the syntax {ProtoToken.Quote(syntax)} is not known; there are proto2 and proto3");
        _file.IsProto3 = syntax == "proto3";
        _tokens.Expect(';');
    }

    private void ParseImport()
    {
        var isPublic = _tokens.TryTake("public");
        if (!isPublic)
            _tokens.TryTake("weak");
        var (line, column) = (_tokens.Current.Line, _tokens.Current.Column);
        _file.Imports.Add(new ProtoImport(_tokens.ExpectString(), isPublic, line, column));
        _tokens.Expect(';');
    }

    /// <summary>Parses an enum, its keyword taken.</summary>
    internal static ProtoEnum ParseEnum(ProtoTokens tokens, ProtoOptions options, string scope, bool isProto3)
    {
        var start = tokens.Current;
        var name = tokens.ExpectWord("the name of an enum");
        var type = new ProtoEnum(name, scope.Length == 0 ? name : $"{scope}.{name}");
        var names = new HashSet<string>(StringComparer.Ordinal);
        tokens.Expect('{');
        while (!tokens.TryTake('}'))
        {
            if (tokens.TryTake(';'))
                continue;
            var word = tokens.Current;
            if (tokens.TryTake("option"))
            {
                type.Options.Add(options.ParseStatement());
                continue;
            }

            if (tokens.TryTake("reserved"))
            {
                type.Reserved.Add(CaptureStatement(tokens));
                continue;
            }

            var valueName = tokens.ExpectWord("the name of a value");
            tokens.Expect('=');
            var value = new ProtoEnumValue(valueName, tokens.ExpectInteger("the number of a value"));
            options.ParseList(value.Options, null);
            tokens.Expect(';');
            if (!names.Add(valueName))
                throw ProtoTokens.Error(word, $"the enum {name} has two values {valueName}");
            type.Values.Add(value);
        }

        if (type.Values.Count == 0)
            throw ProtoTokens.Error(start, $"the enum {name} has no values");
        return isProto3 && type.Values[0].Number != 0
            ? throw ProtoTokens.Error(start, $"the first value of the enum {name} must be 0 in proto3") : type;
    }

    /// <summary>Takes everything up to a semicolon.</summary>
    internal static string CaptureStatement(ProtoTokens tokens)
    {
        var text = new StringBuilder();
        while (!tokens.TryTake(';'))
            Capture(tokens, text);
        return text.ToString();
    }

    /// <summary>Takes everything up to the end of a block in braces.</summary>
    internal static string CaptureBlock(ProtoTokens tokens)
    {
        var text = new StringBuilder();
        for (var depth = 0; ;)
        {
            depth += tokens.Current.IsSymbol('{') ? 1 : tokens.Current.IsSymbol('}') ? -1 : 0;
            var isEnd = depth == 0 && tokens.Current.IsSymbol('}');
            Capture(tokens, text);
            if (isEnd)
                return text.ToString();
        }
    }

    private static void Capture(ProtoTokens tokens, StringBuilder text)
    {
        if (tokens.Current.Kind == ProtoTokenKind.End)
            throw ProtoTokens.Error(tokens.Current, "the text ends inside a declaration");
        text.Append(text.Length == 0 || tokens.Current.Text is "," or "." || text[^1] == '.' ? "" : " ").Append(tokens.Take());
    }
}

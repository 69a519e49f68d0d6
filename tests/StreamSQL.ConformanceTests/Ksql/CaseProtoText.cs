using System.Globalization;
using System.Text.RegularExpressions;
using StreamSQL.Data.Schemas;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Reads as much of <c>.proto</c> texts as cases and their results have: proto3 messages with fields, inside each other or imported.
/// </summary>
internal sealed partial class CaseProtoText
{
    private readonly List<string> _tokens;
    private readonly Dictionary<string, CaseMessage> _messages = [];
    private int _at;

    private CaseProtoText(string text) => _tokens = [.. Token().Matches(text).Select(static match => match.Value)];

    /// <summary>The messages at the top of a schema.</summary>
    public static List<CaseMessage> Parse(ResolvedSchema schema)
    {
        var known = new Dictionary<string, CaseMessage>();
        foreach (var import in schema.Imports)
        {
            foreach (var message in new CaseProtoText(import.Text).ParseFile(known))
                known[message.Name] = message;
        }

        return new CaseProtoText(schema.Text).ParseFile(known);
    }

    [GeneratedRegex("""("[^"]*"|'[^']*'|[\w.]+|\S)""")]
    private static partial Regex Token();

    private List<CaseMessage> ParseFile(Dictionary<string, CaseMessage> imported)
    {
        foreach (var (name, message) in imported)
            _messages[name] = message;
        var messages = new List<CaseMessage>();
        while (_at < _tokens.Count)
        {
            if (_tokens[_at] == "message")
                messages.Add(ParseMessage());
            else
                SkipTo(";");
        }

        foreach (var message in _messages.Values)
            Resolve(message);
        return messages;
    }

    private CaseMessage ParseMessage()
    {
        var message = new CaseMessage(_tokens[_at + 1], []);
        _messages[message.Name] = message;
        for (_at += 3; _tokens[_at] != "}";)
        {
            if (_tokens[_at] == "message")
                ParseMessage();
            else
                message.Fields.Add(ParseField());
        }

        _at++;
        return message;
    }

    private CaseMessageField ParseField()
    {
        var label = _tokens[_at] is "optional" or "repeated" ? _tokens[_at++] : "";
        var field = new CaseMessageField(
            _tokens[_at + 1], int.Parse(_tokens[_at + 3], CultureInfo.InvariantCulture), _tokens[_at], label == "repeated",
            label == "optional", null);
        SkipTo(";");
        return field;
    }

    private void SkipTo(string token)
    {
        while (_tokens[_at++] != token)
        {
        }
    }

    private void Resolve(CaseMessage message)
    {
        for (var i = 0; i < message.Fields.Count; i++)
        {
            if (_messages.TryGetValue(message.Fields[i].Type, out var type))
                message.Fields[i] = message.Fields[i] with { Type = "", Message = type };
        }
    }
}

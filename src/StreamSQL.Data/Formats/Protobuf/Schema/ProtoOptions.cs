using System.Text;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>An option as it was written, spaces aside.</summary>
/// <param name="Name">Its name; names of extensions in parentheses.</param>
/// <param name="Value">Its value.</param>
internal sealed record ProtoOption(string Name, string Value);

/// <summary>
/// Parses options. Only those that change what fields mean are understood; the others keep their text,
/// so that schemas that differ in them differ.
/// </summary>
/// <param name="tokens">The text.</param>
internal sealed class ProtoOptions(ProtoTokens tokens)
{
    /// <summary>The option that has parameters of a field.</summary>
    internal const string FieldMeta = "(confluent.field_meta)";
    private const int MaxDepth = 32;

    /// <summary>Parses the rest of an option statement, its keyword taken.</summary>
    public ProtoOption ParseStatement()
    {
        var option = Parse(null);
        tokens.Expect(';');
        return option;
    }

    /// <summary>Parses the options in brackets behind a field or enum value, if there are any.</summary>
    public void ParseList(List<ProtoOption> target, Dictionary<string, string>? parameters)
    {
        if (!tokens.TryTake('['))
            return;
        do
            target.Add(Parse(parameters));
        while (tokens.TryTake(','));
        tokens.Expect(']');
    }

    private ProtoOption Parse(Dictionary<string, string>? parameters)
    {
        var name = ParseName();
        tokens.Expect('=');
        var isMeta = parameters is not null && name.StartsWith(FieldMeta, StringComparison.Ordinal);
        var value = new StringBuilder();
        ParseValue(value, isMeta ? parameters : null, MaxDepth);
        return new ProtoOption(name, value.ToString());
    }

    private string ParseName()
    {
        var name = new StringBuilder();
        do
        {
            if (name.Length > 0)
                name.Append('.');
            if (!tokens.TryTake('('))
            {
                name.Append(tokens.ExpectWord("the name of an option"));
                continue;
            }

            name.Append('(').Append(tokens.ExpectName("the name of an option").Name.TrimStart('.')).Append(')');
            tokens.Expect(')');
        }
        while (tokens.TryTake('.'));
        return name.ToString();
    }

    private void ParseValue(StringBuilder text, Dictionary<string, string>? parameters, int depth)
    {
        var start = tokens.Current;
        if (tokens.TryTake('{'))
        {
            ParseMessage(text, parameters, depth, '{', '}');
        }
        else if (start.Kind == ProtoTokenKind.String)
        {
            text.Append(ProtoToken.Quote(tokens.ExpectString()));
        }
        else
        {
            if (tokens.TryTake('-') || tokens.TryTake('+'))
                text.Append(start.Text);
            if (tokens.Current.Kind is not (ProtoTokenKind.Word or ProtoTokenKind.Number))
                throw ProtoTokens.Error(tokens.Current, $"a value expected, found {tokens.Current}");
            text.Append(tokens.Take().Text);
            while (tokens.TryTake('.'))
                text.Append('.').Append(tokens.ExpectWord("a name"));
        }
    }

    /// <summary>Parses a message in text format, its opening brace taken.</summary>
    private void ParseMessage(StringBuilder text, Dictionary<string, string>? parameters, int depth, char open, char close)
    {
        if (depth == 0)
            throw ProtoTokens.Error(tokens.Current, $"an option nested more than {MaxDepth} deep");
        text.Append(open);
        string? key = null;
        string? value = null;
        for (var isFirst = true; !tokens.TryTake(close); isFirst = false)
        {
            var name = ParseFieldName();
            text.Append(isFirst ? " " : ", ").Append(name);
            if (tokens.TryTake(':'))
                text.Append(':');
            text.Append(' ');
            var start = text.Length;
            ParseFieldValue(text, parameters, depth - 1);
            if (name == "key")
                key = Unquoted(text, start);
            else if (name == "value")
                value = Unquoted(text, start);
            if (!tokens.TryTake(','))
                tokens.TryTake(';');
        }

        text.Append(' ').Append(close);
        if (parameters is not null && key is not null && value is not null)
            parameters[key] = value;
    }

    private string ParseFieldName()
    {
        if (!tokens.TryTake('['))
            return tokens.ExpectWord("the name of a field");
        var name = $"[{tokens.ExpectName("the name of an extension").Name}]";
        tokens.Expect(']');
        return name;
    }

    private void ParseFieldValue(StringBuilder text, Dictionary<string, string>? parameters, int depth)
    {
        if (tokens.TryTake('<'))
        {
            ParseMessage(text, parameters, depth, '<', '>');
            return;
        }

        if (!tokens.TryTake('['))
        {
            ParseValue(text, parameters, depth);
            return;
        }

        text.Append('[');
        for (var isFirst = true; !tokens.TryTake(']'); isFirst = false)
        {
            if (!isFirst)
                tokens.Expect(',');
            text.Append(isFirst ? "" : ", ");
            ParseValue(text, parameters, depth);
        }

        text.Append(']');
    }

    private static string Unquoted(StringBuilder text, int start)
    {
        var value = text.ToString(start, text.Length - start);
        return value is ['"', .., '"'] ? Unquote(value) : value;
    }

    /// <summary>The content of a string as <see cref="ProtoToken.Quote"/> writes it.</summary>
    internal static string Unquote(string quoted) => new ProtoTokens(quoted).Take().Text;
}

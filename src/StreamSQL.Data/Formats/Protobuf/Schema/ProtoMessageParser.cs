using System.Globalization;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>Parses messages and what is in them.</summary>
/// <param name="tokens">The text.</param>
/// <param name="options">Parses options.</param>
/// <param name="isProto3">Whether the file is proto3.</param>
internal sealed class ProtoMessageParser(ProtoTokens tokens, ProtoOptions options, bool isProto3)
{
    private const int MaxNumber = (1 << 29) - 1;
    private const int MaxRanges = 1000;
    private const int FirstForbidden = 19_000;
    private const int LastForbidden = 19_999;

    /// <summary>Parses a message, its keyword taken.</summary>
    /// <param name="scope">The full name of what it stands in.</param>
    /// <param name="depth">How many more messages may be inside each other.</param>
    public ProtoMessage Parse(string scope, int depth)
    {
        var start = tokens.Current;
        if (depth == 0)
            throw ProtoTokens.Error(start, $"messages nested more than {ProtobufTypes.MaxDepth} deep");
        var name = tokens.ExpectWord("the name of a message");
        var message = new ProtoMessage(name, scope.Length == 0 ? name : $"{scope}.{name}");
        ParseBody(message, depth);
        return message;
    }

    private void ParseBody(ProtoMessage message, int depth)
    {
        tokens.Expect('{');
        while (!tokens.TryTake('}'))
        {
            if (!tokens.TryTake(';'))
                ParseMember(message, depth);
        }
    }

    /// <summary>Parses a member. Keywords are names of types too where a field's name follows.</summary>
    private void ParseMember(ProtoMessage message, int depth)
    {
        var start = tokens.Current;
        if (start.IsSymbol('.'))
        {
            ParseField(message, ProtoLabel.Implicit, start, -1, depth);
            return;
        }

        if (start.Kind != ProtoTokenKind.Word)
            throw ProtoTokens.Error(start, $"a field expected, found {start}");
        switch (start.Text)
        {
            case "message":
                tokens.Take();
                message.Messages.Add(Parse(message.FullName, depth - 1));
                break;
            case "enum":
                tokens.Take();
                message.Enums.Add(ProtoParser.ParseEnum(tokens, options, message.FullName, isProto3));
                break;
            case "oneof":
                tokens.Take();
                ParseOneof(message, depth);
                break;
            case "option":
                tokens.Take();
                var option = options.ParseStatement();
                message.Options.Add(option);
                message.IsMapEntry |= option is { Name: "map_entry", Value: "true" };
                break;
            case "reserved":
                tokens.Take();
                ParseReserved(message);
                break;
            case "extensions":
                message.Others.Add(ProtoParser.CaptureStatement(tokens));
                break;
            case "extend":
                message.Others.Add(ProtoParser.CaptureBlock(tokens));
                break;
            case "optional" or "required" or "repeated":
                tokens.Take();
                var label = start.Text switch { "optional" => ProtoLabel.Optional, "required" => ProtoLabel.Required,
                    _ => ProtoLabel.Repeated };
                if (isProto3 && label == ProtoLabel.Required)
                    throw ProtoTokens.Error(start, "proto3 has no required fields");
                ParseField(message, label, start, -1, depth);
                break;
            default:
                ParseField(message, ProtoLabel.Implicit, start, -1, depth);
                break;
        }
    }

    private void ParseOneof(ProtoMessage message, int depth)
    {
        var start = tokens.Current;
        var name = tokens.ExpectWord("the name of a oneof");
        if (message.Oneofs.Contains(name))
            throw ProtoTokens.Error(start, $"the message {message.FullName} has two oneofs {name}");
        message.Oneofs.Add(name);
        var first = message.Fields.Count;
        tokens.Expect('{');
        while (!tokens.TryTake('}'))
        {
            if (tokens.TryTake(';'))
                continue;
            if (tokens.TryTake("option"))
                message.Others.Add($"oneof {name} option {options.ParseStatement()}");
            else
                ParseField(message, ProtoLabel.Implicit, tokens.Current, message.Oneofs.Count - 1, depth);
        }

        if (message.Fields.Count == first)
            throw ProtoTokens.Error(start, $"the oneof {name} has no fields");
    }

    private void ParseField(ProtoMessage message, ProtoLabel label, ProtoToken start, int oneof, int depth)
    {
        var typeName = tokens.ExpectName("the type of a field");
        if (typeName.Name == "map" && tokens.Current.IsSymbol('<'))
        {
            if (label != ProtoLabel.Implicit || oneof >= 0)
                throw ProtoTokens.Error(start, "a map field has no label and stands in no oneof");
            ParseMap(message);
            return;
        }

        if (typeName.Name == "group" && tokens.Current.Kind == ProtoTokenKind.Word)
        {
            ParseGroup(message, label, oneof, depth);
            return;
        }

        if (!isProto3 && label == ProtoLabel.Implicit && oneof < 0)
            throw ProtoTokens.Error(start, "a proto2 field needs a label: optional, required or repeated");
        var isScalar = ProtoTypes.TryParse(typeName.Name, out var type);
        var nameToken = tokens.Current;
        var name = tokens.ExpectWord("the name of a field");
        var field = new ProtoField(name, ParseNumber(message), oneof >= 0 ? ProtoLabel.Optional : label,
            isScalar ? type : ProtoType.Message)
        {
            TypeName = isScalar ? null : typeName,
            Oneof = oneof,
            IsProto3Optional = isProto3 && label == ProtoLabel.Optional,
        };
        options.ParseList(field.Options, field.Parameters);
        ApplyOptions(field, nameToken);
        tokens.Expect(';');
        Add(message, field, nameToken);
    }

    private void ParseMap(ProtoMessage message)
    {
        tokens.Expect('<');
        var keyToken = tokens.Current;
        var keyName = tokens.ExpectWord("the key's type of a map");
        if (!ProtoTypes.TryParse(keyName, out var keyType) || keyType is ProtoType.Double or ProtoType.Float or ProtoType.Bytes)
            throw ProtoTokens.Error(keyToken, $"{keyName} cannot be the key of a map");
        tokens.Expect(',');
        var valueName = tokens.ExpectName("the value's type of a map");
        tokens.Expect('>');
        var nameToken = tokens.Current;
        var name = tokens.ExpectWord("the name of a field");
        var isScalar = ProtoTypes.TryParse(valueName.Name, out var valueType);
        var entryName = $"{CamelCase(name)}Entry";
        var entry = new ProtoMessage(entryName, $"{message.FullName}.{entryName}") { IsMapEntry = true };
        entry.Add(new ProtoField("key", 1, ProtoLabel.Implicit, keyType));
        var field = new ProtoField(name, ParseNumber(message), ProtoLabel.Repeated, ProtoType.Message) { Message = entry };
        options.ParseList(field.Options, field.Parameters);
        var value = new ProtoField("value", 2, ProtoLabel.Implicit, isScalar ? valueType : ProtoType.Message)
            { TypeName = isScalar ? null : valueName };
        foreach (var (parameter, text) in field.Parameters)
            value.Parameters.Add(parameter, text);
        entry.Add(value);
        tokens.Expect(';');
        Add(message, field, nameToken);
    }

    private void ParseGroup(ProtoMessage message, ProtoLabel label, int oneof, int depth)
    {
        var nameToken = tokens.Current;
        if (isProto3)
            throw ProtoTokens.Error(nameToken, "proto3 has no groups");
        if (depth == 1)
            throw ProtoTokens.Error(nameToken, $"messages nested more than {ProtobufTypes.MaxDepth} deep");
        var name = tokens.ExpectWord("the name of a group");
        var group = new ProtoMessage(name, $"{message.FullName}.{name}");
        var field = new ProtoField(name.ToLowerInvariant(), ParseNumber(message), label, ProtoType.Group)
            { Message = group, Oneof = oneof };
        options.ParseList(field.Options, field.Parameters);
        ParseBody(group, depth - 1);
        message.Messages.Add(group);
        Add(message, field, nameToken);
    }

    private int ParseNumber(ProtoMessage message)
    {
        tokens.Expect('=');
        var start = tokens.Current;
        var number = tokens.ExpectInteger("the number of a field");
        if (number is < 1 or > MaxNumber or (>= FirstForbidden and <= LastForbidden))
            throw ProtoTokens.Error(start, $"a field's number is 1 to {MaxNumber}, but not {FirstForbidden} to {LastForbidden}");
        if (message.Find(number) is { } other)
            throw ProtoTokens.Error(start, $"the field {other.Name} of the message {message.FullName} has the number {number} too");
        return message.IsReserved(number) ? throw ProtoTokens.Error(start,
            $"the number {number} of the message {message.FullName} is reserved") : number;
    }

    private void ApplyOptions(ProtoField field, ProtoToken nameToken)
    {
        var isPackable = field.Label == ProtoLabel.Repeated && (field.TypeName is not null || ProtoTypes.IsPackable(field.Type));
        field.IsPacked = isProto3 && isPackable;
        foreach (var option in field.Options)
        {
            switch (option.Name)
            {
                case "packed":
                    field.IsPacked = isPackable && option.Value == "true";
                    break;
                case "default" when isProto3:
                    throw ProtoTokens.Error(nameToken, "proto3 has no declared defaults");
                case "default":
                    field.Default = option.Value is ['"', .., '"'] ? ProtoOptions.Unquote(option.Value) : option.Value;
                    break;
            }
        }
    }

    private static void Add(ProtoMessage message, ProtoField field, ProtoToken nameToken)
    {
        if (message.Find(field.Name) is not null)
            throw ProtoTokens.Error(nameToken, $"the message {message.FullName} has two fields {field.Name}");
        if (message.ReservedNames.Contains(field.Name))
            throw ProtoTokens.Error(nameToken, $"the name {field.Name} of the message {message.FullName} is reserved");
        message.Add(field);
    }

    private void ParseReserved(ProtoMessage message)
    {
        var start = tokens.Current;
        do
        {
            if (tokens.Current.Kind == ProtoTokenKind.String)
            {
                message.ReservedNames.Add(tokens.ExpectString());
                continue;
            }

            var first = tokens.ExpectInteger("a number or name");
            var last = !tokens.TryTake("to") ? first : tokens.TryTake("max") ? MaxNumber : tokens.ExpectInteger("a number");
            if (first < 1 || last < first)
                throw ProtoTokens.Error(start, string.Create(CultureInfo.InvariantCulture, $"{first} to {last} is no range of numbers"));
            if (message.Reserved.Count == MaxRanges)
                throw ProtoTokens.Error(start, $"a message may have {MaxRanges} reserved ranges");
            message.Reserved.Add((first, last));
        }
        while (tokens.TryTake(','));
        tokens.Expect(';');
        if (message.Fields.FirstOrDefault(field => message.IsReserved(field.Number)
            || message.ReservedNames.Contains(field.Name)) is { } used)
            throw ProtoTokens.Error(start, $"the message {message.FullName} has the field {used.Name}, whose name or number is reserved");
    }

    private static string CamelCase(string name) =>
        string.Concat(name.Split('_', StringSplitOptions.RemoveEmptyEntries)
            .Select(static part => char.ToUpperInvariant(part[0]) + part[1..]));
}

using System.Globalization;
using System.Text;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>
/// Writes files as text, laid out as Confluent's tools lay out what they make. In the normalized form, what has no order is sorted and
/// types have their full names.
/// </summary>
/// <param name="normalize">Whether to write the normalized form.</param>
internal sealed class ProtoText(bool normalize)
{
    private const string Indent = "  ";

    /// <summary>Writes a file.</summary>
    public string Write(ProtoFile file)
    {
        var text = new StringBuilder(file.IsProto3 ? "syntax = \"proto3\";\n" : "syntax = \"proto2\";\n");
        if (file.Package.Length > 0)
            text.Append("package ").Append(file.Package).Append(";\n");
        AppendLines(text, file.Imports.Select(static import =>
            $"import {(import.IsPublic ? "public " : "")}{ProtoToken.Quote(import.Path)};"), isSorted: normalize);
        AppendLines(text, file.Options.Select(static option => $"option {option.Name} = {option.Value};"), isSorted: normalize);
        if (file.Messages.Count + file.Enums.Count > 0)
            text.Append('\n');
        foreach (var message in file.Messages)
            text.Append(Write(message));
        foreach (var type in file.Enums)
            text.Append(Write(type));
        AppendLines(text, file.Others, isSorted: normalize);
        return text.ToString();
    }

    private static void AppendLines(StringBuilder text, IEnumerable<string> lines, bool isSorted)
    {
        var before = text.Length;
        foreach (var line in isSorted ? lines.Order(StringComparer.Ordinal) : lines)
            text.Append(text.Length == before ? "\n" : "").Append(line).Append('\n');
    }

    private string Write(ProtoMessage message)
    {
        var body = new StringBuilder();
        AppendIndented(body, message.Options.Select(static option => $"option {option.Name} = {option.Value};\n"));
        AppendIndented(body, Reserved(message));
        var fields = normalize ? message.Fields.OrderBy(static field => field.Number) : (IEnumerable<ProtoField>)message.Fields;
        AppendIndented(body, fields.Where(static field => field.Oneof < 0).Select(Write));
        for (var i = 0; i < message.Oneofs.Count; i++)
            AppendIndented(body, [$"oneof {message.Oneofs[i]} {{\n{Indented(fields.Where(field => field.Oneof == i).Select(Write))}}}\n"]);
        // A group's message is written where its field is.
        var nested = message.Messages.Where(inner => !message.Fields.Any(field => field.Type == ProtoType.Group && field.Message == inner))
            .Select(Write)
            .Concat(message.Enums.Select(Write)).ToList();
        if (nested.Count > 0)
            body.Append(body.Length > 0 ? "\n" : "");
        AppendIndented(body, nested);
        AppendIndented(body, message.Others.Select(static other => $"{other};\n"));
        return $"message {message.Name} {{\n{body}}}\n";
    }

    private static IEnumerable<string> Reserved(ProtoMessage message)
    {
        foreach (var (first, last) in message.Reserved)
            yield return string.Create(CultureInfo.InvariantCulture, $"reserved {first}{(last == first ? "" : $" to {last}")};\n");
        foreach (var name in message.ReservedNames.Order(StringComparer.Ordinal))
            yield return $"reserved {ProtoToken.Quote(name)};\n";
    }

    private string Write(ProtoField field)
    {
        var label = field.Label switch
        {
            ProtoLabel.Repeated when field.Message is { IsMapEntry: true } => "",
            ProtoLabel.Repeated => "repeated ",
            ProtoLabel.Optional when field.Oneof < 0 => "optional ",
            ProtoLabel.Required => "required ",
            _ => "",
        };
        var start = string.Create(CultureInfo.InvariantCulture,
            $"{label}{TypeOf(field)} {(field.Type == ProtoType.Group ? field.Message!.Name : field.Name)} = {field.Number}");
        var options = Options(field);
        if (field.Type != ProtoType.Group)
            return $"{start}{options};\n";
        var message = Write(field.Message!);
        return $"{start}{options} {message[message.IndexOf('{', StringComparison.Ordinal)..]}";
    }

    private string TypeOf(ProtoField field)
    {
        if (field.Type == ProtoType.Group)
            return "group";
        if (field.Message is { IsMapEntry: true } entry)
            return $"map<{TypeOf(entry.Fields[0])}, {TypeOf(entry.Fields[1])}>";
        var fullName = field.Message?.FullName ?? field.Enum?.FullName;
        if (fullName is null)
            return ProtoTypes.Keyword(field.Type);
        return normalize ? $".{fullName}" : field.TypeName?.Name ?? (WellKnown.FileOf(fullName) is null ? field.Message!.Name : fullName);
    }

    private string Options(ProtoField field)
    {
        var options = field.Options.Where(static option => !option.Name.StartsWith(ProtoOptions.FieldMeta, StringComparison.Ordinal))
            .Select(static option => $"{option.Name} = {option.Value}").ToList();
        if (normalize)
            options.Sort(StringComparer.Ordinal);
        if (field.Parameters.Count > 0)
            options.Add(FieldMeta(field));
        else
            options.AddRange(field.Options.Where(static option => option.Name.StartsWith(ProtoOptions.FieldMeta, StringComparison.Ordinal))
                .Select(static o => $"{o.Name} = {o.Value}"));
        return options.Count == 0 ? "" : $" [{string.Join(", ", options)}]";
    }

    private static string FieldMeta(ProtoField field)
    {
        var parameters = field.Parameters.OrderBy(static parameter => parameter.Key, StringComparer.Ordinal).Select(static parameter =>
            $"    {{\n      value: {ProtoToken.Quote(parameter.Value)},\n      key: {ProtoToken.Quote(parameter.Key)}\n    }}");
        return $"{ProtoOptions.FieldMeta} = {{\n  params: [\n{string.Join(",\n", parameters)}\n  ]\n}}";
    }

    private static string Write(ProtoEnum type)
    {
        var body = new StringBuilder();
        AppendIndented(body, type.Options.Select(static option => $"option {option.Name} = {option.Value};\n"));
        AppendIndented(body, type.Reserved.Select(static reserved => $"reserved {reserved};\n"));
        AppendIndented(body, type.Values.Select(static value => string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Name} = {value.Number}{OptionList(value)};\n")));
        return $"enum {type.Name} {{\n{body}}}\n";
    }

    private static string OptionList(ProtoEnumValue value) =>
        value.Options.Count == 0 ? "" : $" [{string.Join(", ", value.Options.Select(static o => $"{o.Name} = {o.Value}"))}]";

    private static string Indented(IEnumerable<string> parts)
    {
        var text = new StringBuilder();
        AppendIndented(text, parts);
        return text.ToString();
    }

    /// <summary>Appends texts that end with a line's end, each line indented, empty ones too.</summary>
    private static void AppendIndented(StringBuilder text, IEnumerable<string> parts)
    {
        foreach (var part in parts)
        {
            foreach (var line in part.AsSpan(0, part.Length - 1).EnumerateLines())
                text.Append(Indent).Append(line).Append('\n');
        }
    }
}

using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>Resolves the names of types in a file: as in any language with scopes, the innermost scope that has the name counts.</summary>
internal sealed class ProtoLinker
{
    private readonly ProtoFile _file;
    private readonly Dictionary<string, object> _types = new(StringComparer.Ordinal);

    private ProtoLinker(ProtoFile file) => _file = file;

    /// <summary>Parses a schema with everything that it imports and resolves its types.</summary>
    /// <exception cref="SqlException">22023: a text is no <c>.proto</c> file, or a file or type is not
    /// there; the message has line and column.</exception>
    public static ProtoFile Parse(ResolvedSchema schema)
    {
        var files = new Dictionary<string, ProtoFile>(StringComparer.Ordinal);
        foreach (var import in schema.Imports)
            files[import.Name] = Link(ProtoParser.Parse(import.Text), files);
        return Link(ProtoParser.Parse(schema.Text), files);
    }

    private static ProtoFile Link(ProtoFile file, Dictionary<string, ProtoFile> files)
    {
        var linker = new ProtoLinker(file);
        linker.Declare(file);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var import in file.Imports)
            linker.Import(import, files, seen);
        foreach (var message in file.Messages)
            linker.Resolve(message);
        return file;
    }

    private void Import(ProtoImport import, Dictionary<string, ProtoFile> files, HashSet<string> seen)
    {
        if (!seen.Add(import.Path))
            return;
        var imported = files.GetValueOrDefault(import.Path) ?? WellKnown.FindFile(import.Path)
            ?? throw ProtoTokens.Error(import.Line, import.Column,
                $"the imported file {ProtoToken.Quote(import.Path)} is not among the schema's references");
        Declare(imported);
        foreach (var next in imported.Imports)
        {
            if (next.IsPublic)
                Import(next, files, seen);
        }
    }

    private void Declare(ProtoFile file)
    {
        Declare(file.Messages, file.Enums, isOwn: file == _file);
    }

    private void Declare(List<ProtoMessage> messages, List<ProtoEnum> enums, bool isOwn)
    {
        foreach (var message in messages)
        {
            Declare(message.FullName, message, isOwn);
            Declare(message.Messages, message.Enums, isOwn);
        }

        foreach (var type in enums)
            Declare(type.FullName, type, isOwn);
    }

    private void Declare(string fullName, object type, bool isOwn)
    {
        if (!_types.TryAdd(fullName, type) && isOwn)
            throw ProtoTokens.Error(1, 1, $"the type {fullName} is declared twice");
    }

    private void Resolve(ProtoMessage message)
    {
        foreach (var field in message.Fields)
        {
            if (field.TypeName is { } name)
                Resolve(field, name, message.FullName);
            else if (field.Message is { IsMapEntry: true } entry)
                Resolve(entry);
        }

        foreach (var nested in message.Messages)
            Resolve(nested);
    }

    private void Resolve(ProtoField field, ProtoTypeName name, string scope)
    {
        switch (Find(name.Name, scope))
        {
            case ProtoMessage message:
                field.Message = message;
                field.IsPacked = false;
                break;
            case ProtoEnum type:
                field.Type = ProtoType.Enum;
                field.Enum = type;
                break;
            default:
                throw ProtoTokens.Error(name.Line, name.Column, $"there is no type {name.Name}");
        }
    }

    private object? Find(string name, string scope)
    {
        if (name[0] == '.')
            return _types.GetValueOrDefault(name[1..]);
        for (var inner = scope; ; inner = inner[..Math.Max(0, inner.LastIndexOf('.'))])
        {
            if (_types.TryGetValue(inner.Length == 0 ? name : $"{inner}.{name}", out var type))
                return type;
            if (inner.Length == 0)
                return null;
        }
    }
}

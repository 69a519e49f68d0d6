namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>A <c>.proto</c> file. Names of types are resolved after parsing.</summary>
internal sealed class ProtoFile
{
    /// <summary>Whether its syntax is proto3; otherwise proto2.</summary>
    public bool IsProto3 { get; set; }

    /// <summary>The package; empty for none.</summary>
    public string Package { get; set; } = "";

    /// <summary>The files that it imports, in order.</summary>
    public List<ProtoImport> Imports { get; } = [];

    /// <summary>The messages at the top, in order: the first is the default one.</summary>
    public List<ProtoMessage> Messages { get; } = [];

    /// <summary>The enums at the top.</summary>
    public List<ProtoEnum> Enums { get; } = [];

    /// <summary>Options of the file.</summary>
    public List<ProtoOption> Options { get; } = [];

    /// <summary>Services and extensions, as written.</summary>
    public List<string> Others { get; } = [];
}

/// <summary>An imported file.</summary>
/// <param name="Path">Its path as written.</param>
/// <param name="IsPublic">Whether importers of the file see it too.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
internal sealed record ProtoImport(string Path, bool IsPublic, int Line = 0, int Column = 0);

/// <summary>A message type.</summary>
/// <param name="name">Its name.</param>
/// <param name="fullName">Its name with package and enclosing messages, without a dot before it.</param>
internal sealed class ProtoMessage(string name, string fullName)
{
    private readonly List<ProtoField> _fields = [];
    private readonly Dictionary<int, ProtoField> _byNumber = [];
    private readonly Dictionary<string, ProtoField> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ProtoField> _byAnyCase = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Its name with package and enclosing messages.</summary>
    public string FullName { get; } = fullName;

    /// <summary>Whether it is the entry of a map field, made by the parser or marked so.</summary>
    public bool IsMapEntry { get; set; }

    /// <summary>The fields, in order of the text.</summary>
    public IReadOnlyList<ProtoField> Fields => _fields;

    /// <summary>The names of its oneofs, without those that proto3's <c>optional</c> implies.</summary>
    public List<string> Oneofs { get; } = [];

    /// <summary>Messages inside.</summary>
    public List<ProtoMessage> Messages { get; } = [];

    /// <summary>Enums inside.</summary>
    public List<ProtoEnum> Enums { get; } = [];

    /// <summary>Options of the message.</summary>
    public List<ProtoOption> Options { get; } = [];

    /// <summary>Numbers that fields must not have, first and last of each range.</summary>
    public List<(int First, int Last)> Reserved { get; } = [];

    /// <summary>Names that fields must not have.</summary>
    public HashSet<string> ReservedNames { get; } = new(StringComparer.Ordinal);

    /// <summary>Extensions, as written.</summary>
    public List<string> Others { get; } = [];

    /// <summary>
    /// Whether a repeated field of it is a map: marked so, or, as Confluent's tools write maps, by its name and fields.
    /// </summary>
    public bool IsMapLike => IsMapEntry || (Name.EndsWith("Entry", StringComparison.Ordinal)
        && Fields is [{ Name: "key", Label: not ProtoLabel.Repeated }, { Name: "value" }]);

    /// <summary>Adds a field; its number and name are new.</summary>
    public void Add(ProtoField field)
    {
        _fields.Add(field);
        _byNumber.Add(field.Number, field);
        _byName.Add(field.Name, field);
        _byAnyCase.TryAdd(field.Name, field);
    }

    /// <summary>The field of a number; null when there is none.</summary>
    public ProtoField? Find(int number) => _byNumber.GetValueOrDefault(number);

    /// <summary>The field of a name; null when there is none.</summary>
    public ProtoField? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The field of a name: the exact one first, then one in any case; null when there is none.</summary>
    public ProtoField? FindAnyCase(string name) => _byName.GetValueOrDefault(name) ?? _byAnyCase.GetValueOrDefault(name);

    /// <summary>Whether fields must not have a number.</summary>
    public bool IsReserved(int number) => Reserved.Exists(range => number >= range.First && number <= range.Last);
}

/// <summary>A field of a message.</summary>
/// <param name="name">Its name.</param>
/// <param name="number">Its number.</param>
/// <param name="label">How often it occurs.</param>
/// <param name="type">Its type; of named types only after linking.</param>
internal sealed class ProtoField(string name, int number, ProtoLabel label, ProtoType type)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Its number.</summary>
    public int Number { get; } = number;

    /// <summary>How often it occurs.</summary>
    public ProtoLabel Label { get; } = label;

    /// <summary>Its type.</summary>
    public ProtoType Type { get; set; } = type;

    /// <summary>The name of its type as written, and where; null for scalar types.</summary>
    public ProtoTypeName? TypeName { get; init; }

    /// <summary>The message, when its type is one.</summary>
    public ProtoMessage? Message { get; set; }

    /// <summary>The enum, when its type is one.</summary>
    public ProtoEnum? Enum { get; set; }

    /// <summary>Which oneof of the message it belongs to; -1 for none.</summary>
    public int Oneof { get; init; } = -1;

    /// <summary>Whether a list of numbers is written packed.</summary>
    public bool IsPacked { get; set; }

    /// <summary>The declared default as written; null for the type's. Proto2 only.</summary>
    public string? Default { get; set; }

    /// <summary>Options of the field.</summary>
    public List<ProtoOption> Options { get; } = [];

    /// <summary>The parameters of the option <c>confluent.field_meta</c>, by name.</summary>
    public Dictionary<string, string> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it is a list of map entries.</summary>
    public bool IsMap => Label == ProtoLabel.Repeated && Type == ProtoType.Message && Message!.IsMapLike;

    /// <summary>Whether it is <c>optional</c> in a proto3 file. An absent field of a proto2 file has its default.</summary>
    public bool IsProto3Optional { get; init; }

    /// <summary>Whether an absent field is NULL, and not its type's default.</summary>
    public bool IsNullable => Label != ProtoLabel.Repeated
        && (Type is ProtoType.Message or ProtoType.Group || Oneof >= 0 || IsProto3Optional);
}

/// <summary>The name of a type where it is used.</summary>
/// <param name="Name">As written.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
internal sealed record ProtoTypeName(string Name, int Line, int Column);

/// <summary>An enum type.</summary>
/// <param name="name">Its name.</param>
/// <param name="fullName">Its name with package and enclosing messages.</param>
internal sealed class ProtoEnum(string name, string fullName)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Its name with package and enclosing messages.</summary>
    public string FullName { get; } = fullName;

    /// <summary>The values, in order; the first is the default.</summary>
    public List<ProtoEnumValue> Values { get; } = [];

    /// <summary>Options of the enum.</summary>
    public List<ProtoOption> Options { get; } = [];

    /// <summary>Numbers and names that values must not have, as written.</summary>
    public List<string> Reserved { get; } = [];
}

/// <summary>A value of an enum.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">Its number.</param>
internal sealed record ProtoEnumValue(string Name, int Number)
{
    /// <summary>Options of the value.</summary>
    public List<ProtoOption> Options { get; } = [];
}

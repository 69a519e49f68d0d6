using System.Text;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>
/// Makes the readers for a writer's message and the columns that are wanted. A column whose field is of a type that it cannot be read from
/// gets a reader that fails where the field occurs: bad records are data.
/// </summary>
internal static class ReaderCompiler
{
    /// <summary>Makes a reader for columns or STRUCT fields in order.</summary>
    public static MessageReader Compile(ProtoMessage message, IReadOnlyList<StructField> columns, string path)
    {
        var reader = new MessageReader();
        var groups = new Dictionary<int, OneofGroup>();
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            var columnPath = path.Length == 0 ? column.Name : $"{path}->{column.Name}";
            if (message.FindAnyCase(column.Name) is { } field)
                AddField(reader, groups, field, i, column.Type, columnPath);
            else if (OneofNames.Find(message, column.Name) is >= 0 and var oneof && column.Type.Kind == SqlTypeKind.Struct)
                AddOneof(reader, message, oneof, i, column.Type, columnPath);
            else
                reader.AddInitial(i, new AbsentReader(columnPath));
        }

        foreach (var (oneof, group) in groups)
            AddUnwanted(reader, message, oneof, group, columns);
        return reader;
    }

    private static void AddField(MessageReader reader, Dictionary<int, OneofGroup> groups, ProtoField field, int column, SqlType type,
        string path)
    {
        var fieldReader = Create(field, type, path);
        if (field.Oneof >= 0)
        {
            if (!groups.TryGetValue(field.Oneof, out var group))
                groups.Add(field.Oneof, group = new OneofGroup());
            fieldReader = group.Add(fieldReader);
        }

        reader.AddInitial(column, fieldReader);
        reader.AddMember(field.Number, column, fieldReader);
    }

    private static void AddOneof(MessageReader reader, ProtoMessage message, int oneof, int column, SqlType type, string path)
    {
        var group = new OneofGroup { IsStruct = true };
        var members = new List<FieldReader>();
        foreach (var (name, memberType) in type.Fields.Select(static field => (field.Name, field.Type)))
        {
            var field = message.FindAnyCase(name) is { } found && found.Oneof == oneof ? found : null;
            var memberPath = $"{path}->{name}";
            var member = group.Add(field is null ? new AbsentReader(memberPath) : Create(field, memberType, memberPath));
            members.Add(member);
            if (field is not null)
                reader.AddMember(field.Number, column, member);
        }

        foreach (var field in message.Fields.Where(field => field.Oneof == oneof && !type.Fields.Any(f => IsNamed(f.Name, field))))
            reader.AddMember(field.Number, column, group.Add(new UnwantedReader(path, ProtoTypes.WireTypeOf(field.Type))));
        reader.AddInitial(column, new OneofStruct(path, group, members));
    }

    /// <summary>
    /// Members of a oneof that no column wants still make the others NULL; they belong to the first column that is a member.
    /// </summary>
    private static void AddUnwanted(MessageReader reader, ProtoMessage message, int oneof, OneofGroup group,
        IReadOnlyList<StructField> columns)
    {
        var wanted = Enumerable.Range(0, columns.Count).First(i => message.FindAnyCase(columns[i].Name)?.Oneof == oneof);
        foreach (var field in message.Fields)
        {
            if (field.Oneof == oneof && !columns.Any(column => message.FindAnyCase(column.Name) == field))
                reader.AddMember(field.Number, wanted,
                    group.Add(new UnwantedReader(columns[wanted].Name, ProtoTypes.WireTypeOf(field.Type))));
        }
    }

    private static bool IsNamed(string column, ProtoField field) => field.Name.Equals(column, StringComparison.OrdinalIgnoreCase);

    private static FieldReader Create(ProtoField field, SqlType type, string path)
    {
        if (field.Label != ProtoLabel.Repeated)
            return CreateSingle(field, type, path, field.IsNullable);
        if (field.IsMap && type.Kind == SqlTypeKind.Map)
        {
            var entry = field.Message!;
            return new MapReader(path, Create(entry.Fields[0], type.Key!, path), CreateMapValue(entry.Fields[1], type.Element!, path));
        }

        if (type.Kind != SqlTypeKind.Array)
            return Mismatch(field, type, path);
        return CreateSingle(field, type.Element!, path, isNullable: false) is var element
            and not MismatchReader ? new ArrayReader(element) : Mismatch(field, type, path);
    }

    private static FieldReader CreateMapValue(ProtoField value, SqlType type, string path) =>
        value.Number == 2 ? Create(value, type, path) : Mismatch(value, type, path);

    private static FieldReader CreateSingle(ProtoField field, SqlType type, string path, bool isNullable)
    {
        if (field.Type == ProtoType.Message)
            return CreateMessage(field, type, path);
        return CreateScalar(field, type, path, isNullable, field.Default) ?? Mismatch(field, type, path);
    }

    private static FieldReader CreateMessage(ProtoField field, SqlType type, string path)
    {
        var message = field.Message!;
        if (WellKnown.IsWrapper(message, out _) && !type.IsNested)
            return CreateScalar(message.Fields[0], type, path, isNullable: false, null) is { } value ? new WrapperReader(path, value)
                : Mismatch(field, type, path);
        return (message.FullName, type.Kind) switch
        {
            (WellKnown.Timestamp, SqlTypeKind.Timestamp) => new TimestampReader(path),
            (WellKnown.Date, SqlTypeKind.Date) => new DateReader(path),
            (WellKnown.TimeOfDay, SqlTypeKind.Time) => new TimeOfDayReader(path),
            (WellKnown.Decimal, SqlTypeKind.Decimal) => new DecimalReader(path),
            (_, SqlTypeKind.Struct) => new StructReader(path, Compile(message, type.Fields, path)),
            _ => Mismatch(field, type, path),
        };
    }

    private static FieldReader? CreateScalar(ProtoField field, SqlType type, string path, bool isNullable, string? defaultText)
    {
        return (type.Kind, field.Type) switch
        {
            (SqlTypeKind.BigInt, ProtoType.Int64 or ProtoType.UInt64 or ProtoType.Fixed64 or ProtoType.SFixed64) =>
                Number<long, LongForm>(Integer()),
            (SqlTypeKind.BigInt, ProtoType.Int32 or ProtoType.SFixed32 or ProtoType.Enum) => Number<long, SignedToLongForm>(Integer()),
            (SqlTypeKind.BigInt, ProtoType.UInt32 or ProtoType.Fixed32) => Number<long, UnsignedToLongForm>(Integer()),
            (SqlTypeKind.BigInt, ProtoType.SInt64) => Number<long, ZigZagToLongForm>(Integer()),
            (SqlTypeKind.BigInt, ProtoType.SInt32) => Number<long, ZigZag32ToLongForm>(Integer()),
            (SqlTypeKind.Integer, ProtoType.Int32 or ProtoType.SFixed32 or ProtoType.Enum) => Number<int, IntForm>((int)Integer()),
            (SqlTypeKind.Integer, ProtoType.SInt32) => Number<int, ZigZagToIntForm>((int)Integer()),
            (SqlTypeKind.Double, ProtoType.Double) => Number<double, DoubleForm>(ProtoDefaults.Double(defaultText)),
            (SqlTypeKind.Double, ProtoType.Float) => Number<double, FloatForm>((float)ProtoDefaults.Double(defaultText)),
            (SqlTypeKind.Boolean, ProtoType.Bool) => Number<byte, BoolForm>(defaultText == "true" ? (byte)1 : (byte)0),
            (SqlTypeKind.Varchar, ProtoType.String) => new BytesReader(path, isNullable, Encoding.UTF8.GetBytes(defaultText ?? "")),
            (SqlTypeKind.Bytes, ProtoType.Bytes) => new BytesReader(path, isNullable, Encoding.Latin1.GetBytes(defaultText ?? "")),
            (SqlTypeKind.Varchar, ProtoType.Enum) => new EnumReader(path, field.Enum!, isNullable, defaultText),
            _ => null,
        };

        NumberReader<T, TForm> Number<T, TForm>(T defaultValue)
            where T : unmanaged
            where TForm : struct, INumberForm<T> => new(path, ProtoTypes.WireTypeOf(field.Type), isNullable, defaultValue);

        long Integer() => ProtoDefaults.Integer(defaultText, field.Enum);
    }

    private static MismatchReader Mismatch(ProtoField field, SqlType type, string path)
    {
        var name = field.Message?.FullName ?? field.Enum?.FullName ?? ProtoTypes.Keyword(field.Type);
        var wireType = ProtoTypes.WireTypeOf(field.Type);
        return new MismatchReader(path, wireType,
            $"{(field.Label == ProtoLabel.Repeated ? "repeated " : "")}{name} cannot be read as {type}");
    }
}

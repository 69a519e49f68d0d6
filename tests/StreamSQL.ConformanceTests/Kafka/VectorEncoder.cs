using System.Globalization;

namespace StreamSQL.ConformanceTests.Kafka;

/// <summary>What the fields of a vector hold.</summary>
internal enum Filling
{
    /// <summary>Every field its default.</summary>
    Defaults,

    /// <summary>Every field a value of its own; arrays two elements, of which the second is <see cref="Sparse"/>.</summary>
    Full,

    /// <summary>What may be null is null, arrays are empty, all else has a value of its own.</summary>
    Sparse,
}

/// <summary>Encodes a version of a message, from its definition alone.</summary>
internal sealed class VectorEncoder(short version, bool flexible)
{
    private readonly WireWriter _writer = new();

    public static byte[] Encode(MessageDefinition message, short version, Filling filling)
    {
        bool isKey = message.Type == "coordinator-key";
        var encoder = new VectorEncoder(version, message.Flexible.Contains(version));
        if (isKey || message.Type == "coordinator-value")
            encoder._writer.Int16(isKey ? message.ApiKey : version);
        encoder.Struct(message.Fields, filling);
        return encoder._writer.ToArray();
    }

    private void Struct(IReadOnlyList<FieldDefinition> fields, Filling filling)
    {
        List<FieldDefinition> present = [.. fields.Where(f => f.Versions.Contains(version))];
        foreach (FieldDefinition field in present.Where(f => !f.Tagged.Contains(version)))
            Field(field, filling, isTagged: false);
        if (!flexible)
            return;
        List<FieldDefinition> tagged =
            [.. present.Where(f => f.Tagged.Contains(version) && !HasDefault(f, filling)).OrderBy(f => f.Tag)];
        _writer.UnsignedVarInt((uint)tagged.Count);
        foreach (FieldDefinition field in tagged)
        {
            var inner = new VectorEncoder(version, flexible);
            inner.Field(field, filling, isTagged: true);
            byte[] bytes = inner._writer.ToArray();
            _writer.UnsignedVarInt(field.Tag);
            _writer.UnsignedVarInt((uint)bytes.Length);
            _writer.Raw(bytes);
        }
    }

    // Only what a tagged field of the definitions can be: those with values of their own differ from their defaults.
    private bool HasDefault(FieldDefinition field, Filling filling) => filling switch
    {
        Filling.Full => false,
        Filling.Sparse when field.Nullable.Contains(version) => field.Default == "null",
        Filling.Sparse => field.IsArray || (field.Type == "bool" && !SparseBool(field)),
        _ => true,
    };

    private void Field(FieldDefinition field, Filling filling, bool isTagged)
    {
        bool isNullable = field.Nullable.Contains(version);
        bool isNull = isNullable && (filling == Filling.Sparse || (filling == Filling.Defaults && field.Default == "null"));
        if (field.IsArray)
            Array(field, filling, isNull);
        else if (field.Fields is not null)
            Nested(field, filling, isNullable, isNull);
        else
            Primitive(field, filling, isNull, field.Name);
    }

    private void Array(FieldDefinition field, Filling filling, bool isNull)
    {
        bool isEmpty = filling != Filling.Full;
        _writer.Count(isNull ? -1 : isEmpty ? 0 : 2, flexible);
        if (isNull || isEmpty)
            return;
        foreach (Filling element in new[] { Filling.Full, Filling.Sparse })
        {
            if (field.Fields is null)
                Primitive(field, element, isNull: false, field.Name);
            else
                Struct(field.Fields, element);
        }
    }

    private void Nested(FieldDefinition field, Filling filling, bool isNullable, bool isNull)
    {
        if (isNullable)
            _writer.Int8((sbyte)(isNull ? -1 : 1));
        if (!isNull)
            Struct(field.Fields!, filling);
    }

    private void Primitive(FieldDefinition field, Filling filling, bool isNull, string name)
    {
        bool isDefault = filling == Filling.Defaults;
        ulong hash = VectorValues.Hash(name, filling == Filling.Full ? "1" : "2");
        switch (field.Type)
        {
            case "int8":
                _writer.Int8((sbyte)Number(8));
                break;
            case "int16":
                _writer.Int16((short)Number(16));
                break;
            case "uint16":
                _writer.UInt16((ushort)Number(17));
                break;
            case "int32":
                _writer.Int32((int)Number(32));
                break;
            case "int64":
                _writer.Int64(Number(64));
                break;
            case "float64":
                _writer.Float64(isDefault ? 0 : VectorValues.Number(hash, 32) + 0.5);
                break;
            case "bool":
                bool value = isDefault ? string.Equals(field.Default, "true", StringComparison.OrdinalIgnoreCase) : IsTrue(field, filling);
                _writer.Int8((sbyte)(value ? 1 : 0));
                break;
            case "uuid":
                _writer.Raw(isDefault ? new byte[16] : VectorValues.Uuid(hash));
                break;
            case "string":
                _writer.Text(isNull ? null : isDefault ? field.Default is null or "null" ? "" : field.Default : VectorValues.Text(hash),
                    flexible);
                break;
            case "bytes":
                _writer.Bytes(isNull ? null : isDefault ? [] : VectorValues.Bytes(hash), flexible);
                break;
            case "records": // null and empty mean the same: no records
                _writer.Bytes(filling == Filling.Full ? VectorValues.Bytes(hash) : [], flexible);
                break;
            default:
                throw new InvalidDataException($"{field.Name} has the unknown type {field.Type}.");
        }

        long Number(int bits) => isDefault ? DefaultNumber(field.Default) : VectorValues.Number(hash, bits);
    }

    private static bool IsTrue(FieldDefinition field, Filling filling) => filling == Filling.Full || SparseBool(field);

    private static bool SparseBool(FieldDefinition field) => VectorValues.Hash(field.Name, "2") % 2 == 0;

    private static long DefaultNumber(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 0;
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : long.Parse(text, CultureInfo.InvariantCulture);
    }
}

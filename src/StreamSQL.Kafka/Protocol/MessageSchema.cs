namespace StreamSQL.Kafka.Protocol;

/// <summary>
/// The fields of a message in wire order, each with the versions that have it. Reading and writing any version follows from this list.
/// The version notation is that of Kafka's message definitions (<see cref="VersionRange"/>).
/// </summary>
/// <typeparam name="T">The message.</typeparam>
public sealed class MessageSchema<T>
    where T : class, new()
{
    private readonly List<MessageField<T>> _fields = [];
    private readonly List<MessageField<T>> _tagged = [];
    private readonly T _defaults = new();

    /// <summary>Declares an 8-bit integer.</summary>
    public MessageSchema<T> Int8(string versions, FieldReference<T, sbyte> field, int tag = MessageField<T>.Untagged) =>
        Primitive<sbyte, Int8Codec>(versions, field, tag);

    /// <summary>Declares a 16-bit integer.</summary>
    public MessageSchema<T> Int16(string versions, FieldReference<T, short> field, int tag = MessageField<T>.Untagged) =>
        Primitive<short, Int16Codec>(versions, field, tag);

    /// <summary>Declares an unsigned 16-bit integer.</summary>
    public MessageSchema<T> UInt16(string versions, FieldReference<T, ushort> field, int tag = MessageField<T>.Untagged) =>
        Primitive<ushort, UInt16Codec>(versions, field, tag);

    /// <summary>Declares a 32-bit integer.</summary>
    public MessageSchema<T> Int32(string versions, FieldReference<T, int> field, int tag = MessageField<T>.Untagged) =>
        Primitive<int, Int32Codec>(versions, field, tag);

    /// <summary>Declares a 64-bit integer.</summary>
    public MessageSchema<T> Int64(string versions, FieldReference<T, long> field, int tag = MessageField<T>.Untagged) =>
        Primitive<long, Int64Codec>(versions, field, tag);

    /// <summary>Declares a 64-bit IEEE 754 number.</summary>
    public MessageSchema<T> Float64(string versions, FieldReference<T, double> field, int tag = MessageField<T>.Untagged) =>
        Primitive<double, Float64Codec>(versions, field, tag);

    /// <summary>Declares a boolean.</summary>
    public MessageSchema<T> Bool(string versions, FieldReference<T, bool> field, int tag = MessageField<T>.Untagged) =>
        Primitive<bool, BoolCodec>(versions, field, tag);

    /// <summary>Declares a UUID.</summary>
    public MessageSchema<T> Uuid(string versions, FieldReference<T, Guid> field, int tag = MessageField<T>.Untagged) =>
        Primitive<Guid, UuidCodec>(versions, field, tag);

    /// <summary>Declares an error code (int16).</summary>
    public MessageSchema<T> Error(string versions, FieldReference<T, ErrorCode> field, int tag = MessageField<T>.Untagged) =>
        Primitive<ErrorCode, ErrorCodec>(versions, field, tag);

    /// <summary>Declares bytes.</summary>
    public MessageSchema<T> Bytes(string versions, FieldReference<T, ReadOnlyMemory<byte>> field) =>
        Primitive<ReadOnlyMemory<byte>, BytesCodec>(versions, field);

    /// <summary>Declares record batches.</summary>
    public MessageSchema<T> Records(string versions, FieldReference<T, ReadOnlyMemory<byte>> field) =>
        Primitive<ReadOnlyMemory<byte>, RecordsCodec>(versions, field);

    /// <summary>Declares a string.</summary>
    public MessageSchema<T> String(string versions, FieldReference<T, string> field) =>
        Text(versions, MessageField<T>.Untagged, field!, nullable: null);

    /// <summary>Declares a string that may be null in <paramref name="nullable"/>, or in all its versions.</summary>
    public MessageSchema<T> NullableString(
        string versions, FieldReference<T, string?> field, string? nullable = null, int tag = MessageField<T>.Untagged) =>
        Text(versions, tag, field, nullable ?? versions);

    /// <summary>Declares an array of 8-bit integers.</summary>
    public MessageSchema<T> Int8Array(string versions, FieldReference<T, List<sbyte>> field) =>
        PrimitiveArray<sbyte, Int8Codec>(versions, MessageField<T>.Untagged, field!, nullable: null);

    /// <summary>Declares an array of 32-bit integers.</summary>
    public MessageSchema<T> Int32Array(string versions, FieldReference<T, List<int>> field) =>
        PrimitiveArray<int, Int32Codec>(versions, MessageField<T>.Untagged, field!, nullable: null);

    /// <summary>Declares an array of 32-bit integers that may be null.</summary>
    public MessageSchema<T> NullableInt32Array(
        string versions, FieldReference<T, List<int>?> field, int tag = MessageField<T>.Untagged) =>
        PrimitiveArray<int, Int32Codec>(versions, tag, field, versions);

    /// <summary>Declares an array of 64-bit integers.</summary>
    public MessageSchema<T> Int64Array(string versions, FieldReference<T, List<long>> field) =>
        PrimitiveArray<long, Int64Codec>(versions, MessageField<T>.Untagged, field!, nullable: null);

    /// <summary>Declares an array of strings.</summary>
    public MessageSchema<T> StringArray(string versions, FieldReference<T, List<string>> field) =>
        PrimitiveArray<string, StringCodec>(versions, MessageField<T>.Untagged, field!, nullable: null);

    /// <summary>Declares an array of strings that may be null.</summary>
    public MessageSchema<T> NullableStringArray(string versions, FieldReference<T, List<string>?> field) =>
        PrimitiveArray<string, StringCodec>(versions, MessageField<T>.Untagged, field, versions);

    /// <summary>Declares an array of messages.</summary>
    public MessageSchema<T> Array<TItem>(
        string versions, FieldReference<T, List<TItem>> field, MessageSchema<TItem> items, int tag = MessageField<T>.Untagged)
        where TItem : class, new() =>
        Add(new ArrayField<T, TItem>(VersionRange.Parse(versions), tag, field!, items, nullable: null, field(_defaults) is null));

    /// <summary>Declares an array of messages that may be null in <paramref name="nullable"/>, or in all its versions.</summary>
    public MessageSchema<T> NullableArray<TItem>(
        string versions, FieldReference<T, List<TItem>?> field, MessageSchema<TItem> items, string? nullable = null)
        where TItem : class, new() =>
        Add(new ArrayField<T, TItem>(
            VersionRange.Parse(versions), MessageField<T>.Untagged, field, items, VersionRange.Parse(nullable ?? versions),
            field(_defaults) is null));

    /// <summary>Declares a message inside the message.</summary>
    public MessageSchema<T> Struct<TItem>(string versions, FieldReference<T, TItem> field, MessageSchema<TItem> schema)
        where TItem : class, new() =>
        Add(new StructField<T, TItem>(VersionRange.Parse(versions), MessageField<T>.Untagged, field!, schema));

    /// <summary>Declares a tagged message inside the message; null leaves it out.</summary>
    public MessageSchema<T> TaggedStruct<TItem>(string versions, FieldReference<T, TItem?> field, MessageSchema<TItem> schema, int tag)
        where TItem : class, new() =>
        Add(new StructField<T, TItem>(VersionRange.Parse(versions), tag, field, schema));

    /// <summary>Declares a message inside the message that may be null.</summary>
    public MessageSchema<T> NullableStruct<TItem>(
        string versions, FieldReference<T, TItem?> field, MessageSchema<TItem> schema, int tag = MessageField<T>.Untagged)
        where TItem : class, new() =>
        Add(new NullableStructField<T, TItem>(VersionRange.Parse(versions), tag, field, schema));

    /// <summary>Reads one version of the message.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidRequest"/> when the bytes are malformed.</exception>
    public T Read(ref KafkaReader reader, short version, bool flexible)
    {
        var message = new T();
        foreach (MessageField<T> field in _fields)
        {
            if (field.Versions.Contains(version))
                field.Read(ref reader, message, version, flexible);
        }
        if (flexible)
            ReadTaggedFields(ref reader, message, version);
        return message;
    }

    /// <summary>Writes one version of the message. Fields that the version does not have are left out.</summary>
    public void Write(KafkaWriter writer, T message, short version, bool flexible)
    {
        foreach (MessageField<T> field in _fields)
        {
            if (field.Versions.Contains(version))
                field.Write(writer, message, version, flexible);
        }
        if (flexible)
            WriteTaggedFields(writer, message, version);
    }

    private void ReadTaggedFields(ref KafkaReader reader, T message, short version)
    {
        for (uint count = reader.ReadUnsignedVarInt(); count > 0; count--)
        {
            uint tag = reader.ReadUnsignedVarInt();
            uint size = reader.ReadUnsignedVarInt();
            if (size > (uint)reader.Remaining)
                KafkaReader.ThrowMalformed();
            MessageField<T>? field = FindTagged(tag, version);
            if (field is null)
            {
                reader.Skip(size);
                continue;
            }
            int end = reader.Position + (int)size;
            field.Read(ref reader, message, version, flexible: true);
            if (reader.Position != end)
                KafkaReader.ThrowMalformed();
        }
    }

    private void WriteTaggedFields(KafkaWriter writer, T message, short version)
    {
        uint count = 0;
        foreach (MessageField<T> field in _tagged)
        {
            if (field.Versions.Contains(version) && !field.IsDefault(message))
                count++;
        }
        writer.WriteUnsignedVarInt(count);
        if (count == 0)
            return;
        foreach (MessageField<T> field in _tagged)
        {
            if (!field.Versions.Contains(version) || field.IsDefault(message))
                continue;
            writer.WriteUnsignedVarInt((uint)field.Tag);
            int start = writer.Length;
            field.Write(writer, message, version, flexible: true);
            writer.InsertSizeAt(start);
        }
    }

    private MessageField<T>? FindTagged(uint tag, short version)
    {
        foreach (MessageField<T> field in _tagged)
        {
            if ((uint)field.Tag == tag && field.Versions.Contains(version))
                return field;
        }
        return null;
    }

    private MessageSchema<T> Primitive<TValue, TCodec>(
        string versions, FieldReference<T, TValue> field, int tag = MessageField<T>.Untagged)
        where TCodec : IFieldCodec<TValue> =>
        Add(new PrimitiveField<T, TValue, TCodec>(VersionRange.Parse(versions), tag, field, field(_defaults)));

    private MessageSchema<T> PrimitiveArray<TValue, TCodec>(
        string versions, int tag, FieldReference<T, List<TValue>?> field, string? nullable)
        where TCodec : IFieldCodec<TValue> =>
        Add(new PrimitiveArrayField<T, TValue, TCodec>(
            VersionRange.Parse(versions), tag, field, Range(nullable), field(_defaults) is null));

    private MessageSchema<T> Text(string versions, int tag, FieldReference<T, string?> field, string? nullable) =>
        Add(new StringField<T>(VersionRange.Parse(versions), tag, field, Range(nullable), field(_defaults)));

    private static VersionRange? Range(string? versions) => versions is null ? null : VersionRange.Parse(versions);

    private MessageSchema<T> Add(MessageField<T> field)
    {
        if (field.Tag == MessageField<T>.Untagged)
        {
            _fields.Add(field);
            return this;
        }
        int at = _tagged.FindIndex(f => f.Tag > field.Tag); // on the wire they stand in the order of their tags
        _tagged.Insert(at < 0 ? _tagged.Count : at, field);
        return this;
    }
}

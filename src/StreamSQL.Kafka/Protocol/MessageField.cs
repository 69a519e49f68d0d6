namespace StreamSQL.Kafka.Protocol;

/// <summary>Gives a reference to a field of a message, so that it is read and written without boxing or reflection.</summary>
public delegate ref TValue FieldReference<in TMessage, TValue>(TMessage message);

/// <summary>One field of a message: which versions have it, and how it is read and written.</summary>
internal abstract class MessageField<TMessage>(VersionRange versions, int tag)
{
    /// <summary>The tag of a field that is not tagged.</summary>
    public const int Untagged = -1;

    /// <summary>The versions that have the field.</summary>
    public VersionRange Versions { get; } = versions;

    /// <summary>The tag of a tagged field (KIP-482), or <see cref="Untagged"/>.</summary>
    public int Tag { get; } = tag;

    public abstract void Read(ref KafkaReader reader, TMessage message, short version, bool flexible);

    public abstract void Write(KafkaWriter writer, TMessage message, short version, bool flexible);

    /// <summary>Whether the field has its default value; a tagged field is left out then.</summary>
    public abstract bool IsDefault(TMessage message);
}

/// <summary>How a type without versions of its own is encoded.</summary>
internal interface IFieldCodec<TValue>
{
    static abstract TValue Read(ref KafkaReader reader, bool flexible);

    static abstract void Write(KafkaWriter writer, TValue value, bool flexible);
}

/// <summary>A field of a primitive type.</summary>
internal sealed class PrimitiveField<TMessage, TValue, TCodec>(
    VersionRange versions, int tag, FieldReference<TMessage, TValue> field, TValue defaultValue)
    : MessageField<TMessage>(versions, tag)
    where TCodec : IFieldCodec<TValue>
{
    public override void Read(ref KafkaReader reader, TMessage message, short version, bool flexible) =>
        field(message) = TCodec.Read(ref reader, flexible);

    public override void Write(KafkaWriter writer, TMessage message, short version, bool flexible) =>
        TCodec.Write(writer, field(message), flexible);

    public override bool IsDefault(TMessage message) => EqualityComparer<TValue>.Default.Equals(field(message), defaultValue);
}

/// <summary>A string that may be null in some versions.</summary>
internal sealed class StringField<TMessage>(
    VersionRange versions, int tag, FieldReference<TMessage, string?> field, VersionRange? nullable, string? defaultValue)
    : MessageField<TMessage>(versions, tag)
{
    public override void Read(ref KafkaReader reader, TMessage message, short version, bool flexible)
    {
        string? value = reader.ReadString(flexible);
        if (value is null && nullable?.Contains(version) != true)
            KafkaReader.ThrowMalformed();
        field(message) = value;
    }

    public override void Write(KafkaWriter writer, TMessage message, short version, bool flexible)
    {
        string? value = field(message);
        if (value is null && nullable?.Contains(version) != true)
            throw new InvalidOperationException($"A string of {typeof(TMessage).Name} may not be null in version {version}.");
        writer.WriteString(value, flexible);
    }

    public override bool IsDefault(TMessage message) => field(message) == defaultValue;
}

/// <summary>An array of messages, which may be null in some versions.</summary>
internal sealed class ArrayField<TMessage, TItem>(
    VersionRange versions, int tag, FieldReference<TMessage, List<TItem>?> field, MessageSchema<TItem> items, VersionRange? nullable,
    bool isNullByDefault)
    : MessageField<TMessage>(versions, tag)
    where TItem : class, new()
{
    public override void Read(ref KafkaReader reader, TMessage message, short version, bool flexible)
    {
        int count = reader.ReadArrayLength(flexible);
        if (count < 0)
        {
            if (nullable?.Contains(version) != true)
                KafkaReader.ThrowMalformed();
            field(message) = null;
            return;
        }
        var list = new List<TItem>(count);
        for (int i = 0; i < count; i++)
            list.Add(items.Read(ref reader, version, flexible));
        field(message) = list;
    }

    public override void Write(KafkaWriter writer, TMessage message, short version, bool flexible)
    {
        List<TItem>? list = field(message);
        if (list is null && nullable?.Contains(version) != true)
            throw new InvalidOperationException($"An array of {typeof(TMessage).Name} may not be null in version {version}.");
        writer.WriteArrayLength(list?.Count ?? -1, flexible);
        if (list is null)
            return;
        foreach (TItem item in list)
            items.Write(writer, item, version, flexible);
    }

    public override bool IsDefault(TMessage message) => isNullByDefault ? field(message) is null : field(message) is { Count: 0 };
}

/// <summary>An array of primitives, which may be null in some versions.</summary>
internal sealed class PrimitiveArrayField<TMessage, TValue, TCodec>(
    VersionRange versions, int tag, FieldReference<TMessage, List<TValue>?> field, VersionRange? nullable, bool isNullByDefault)
    : MessageField<TMessage>(versions, tag)
    where TCodec : IFieldCodec<TValue>
{
    public override void Read(ref KafkaReader reader, TMessage message, short version, bool flexible)
    {
        int count = reader.ReadArrayLength(flexible);
        if (count < 0)
        {
            if (nullable?.Contains(version) != true)
                KafkaReader.ThrowMalformed();
            field(message) = null;
            return;
        }
        var list = new List<TValue>(count);
        for (int i = 0; i < count; i++)
            list.Add(TCodec.Read(ref reader, flexible));
        field(message) = list;
    }

    public override void Write(KafkaWriter writer, TMessage message, short version, bool flexible)
    {
        List<TValue>? list = field(message);
        if (list is null && nullable?.Contains(version) != true)
            throw new InvalidOperationException($"An array of {typeof(TMessage).Name} may not be null in version {version}.");
        writer.WriteArrayLength(list?.Count ?? -1, flexible);
        if (list is null)
            return;
        foreach (TValue value in list)
            TCodec.Write(writer, value, flexible);
    }

    public override bool IsDefault(TMessage message) => isNullByDefault ? field(message) is null : field(message) is { Count: 0 };
}

/// <summary>A message inside a message. A tagged one may be null here: it is left out then.</summary>
internal sealed class StructField<TMessage, TItem>(
    VersionRange versions, int tag, FieldReference<TMessage, TItem?> field, MessageSchema<TItem> schema)
    : MessageField<TMessage>(versions, tag)
    where TItem : class, new()
{
    public override void Read(ref KafkaReader reader, TMessage message, short version, bool flexible) =>
        field(message) = schema.Read(ref reader, version, flexible);

    public override void Write(KafkaWriter writer, TMessage message, short version, bool flexible) =>
        schema.Write(writer, field(message)!, version, flexible);

    public override bool IsDefault(TMessage message) => field(message) is null;
}

/// <summary>A message inside a message that may be null: a byte in front of it says whether it is.</summary>
internal sealed class NullableStructField<TMessage, TItem>(
    VersionRange versions, int tag, FieldReference<TMessage, TItem?> field, MessageSchema<TItem> schema)
    : MessageField<TMessage>(versions, tag)
    where TItem : class, new()
{
    private const sbyte Absent = -1;
    private const sbyte Present = 1;

    public override void Read(ref KafkaReader reader, TMessage message, short version, bool flexible) =>
        field(message) = reader.ReadInt8() < 0 ? null : schema.Read(ref reader, version, flexible);

    public override void Write(KafkaWriter writer, TMessage message, short version, bool flexible)
    {
        TItem? item = field(message);
        writer.WriteInt8(item is null ? Absent : Present);
        if (item is not null)
            schema.Write(writer, item, version, flexible);
    }

    public override bool IsDefault(TMessage message) => field(message) is null;
}

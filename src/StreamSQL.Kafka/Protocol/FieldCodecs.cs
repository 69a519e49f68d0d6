namespace StreamSQL.Kafka.Protocol;

internal readonly struct Int8Codec : IFieldCodec<sbyte>
{
    public static sbyte Read(ref KafkaReader reader, bool flexible) => reader.ReadInt8();

    public static void Write(KafkaWriter writer, sbyte value, bool flexible) => writer.WriteInt8(value);
}

internal readonly struct Int16Codec : IFieldCodec<short>
{
    public static short Read(ref KafkaReader reader, bool flexible) => reader.ReadInt16();

    public static void Write(KafkaWriter writer, short value, bool flexible) => writer.WriteInt16(value);
}

internal readonly struct UInt16Codec : IFieldCodec<ushort>
{
    public static ushort Read(ref KafkaReader reader, bool flexible) => reader.ReadUInt16();

    public static void Write(KafkaWriter writer, ushort value, bool flexible) => writer.WriteUInt16(value);
}

internal readonly struct Int32Codec : IFieldCodec<int>
{
    public static int Read(ref KafkaReader reader, bool flexible) => reader.ReadInt32();

    public static void Write(KafkaWriter writer, int value, bool flexible) => writer.WriteInt32(value);
}

internal readonly struct Int64Codec : IFieldCodec<long>
{
    public static long Read(ref KafkaReader reader, bool flexible) => reader.ReadInt64();

    public static void Write(KafkaWriter writer, long value, bool flexible) => writer.WriteInt64(value);
}

internal readonly struct Float64Codec : IFieldCodec<double>
{
    public static double Read(ref KafkaReader reader, bool flexible) => reader.ReadFloat64();

    public static void Write(KafkaWriter writer, double value, bool flexible) => writer.WriteFloat64(value);
}

internal readonly struct BoolCodec : IFieldCodec<bool>
{
    public static bool Read(ref KafkaReader reader, bool flexible) => reader.ReadBool();

    public static void Write(KafkaWriter writer, bool value, bool flexible) => writer.WriteBool(value);
}

internal readonly struct UuidCodec : IFieldCodec<Guid>
{
    public static Guid Read(ref KafkaReader reader, bool flexible) => reader.ReadUuid();

    public static void Write(KafkaWriter writer, Guid value, bool flexible) => writer.WriteUuid(value);
}

internal readonly struct ErrorCodec : IFieldCodec<ErrorCode>
{
    public static ErrorCode Read(ref KafkaReader reader, bool flexible) => (ErrorCode)reader.ReadInt16();

    public static void Write(KafkaWriter writer, ErrorCode value, bool flexible) => writer.WriteInt16((short)value);
}

/// <summary>A string that is never null: an element of an array.</summary>
internal readonly struct StringCodec : IFieldCodec<string>
{
    public static string Read(ref KafkaReader reader, bool flexible)
    {
        string? value = reader.ReadString(flexible);
        if (value is null)
            KafkaReader.ThrowMalformed();
        return value;
    }

    public static void Write(KafkaWriter writer, string value, bool flexible) => writer.WriteString(value, flexible);
}

/// <summary>Bytes that are never null.</summary>
internal readonly struct BytesCodec : IFieldCodec<ReadOnlyMemory<byte>>
{
    public static ReadOnlyMemory<byte> Read(ref KafkaReader reader, bool flexible)
    {
        if (!reader.TryReadBytes(flexible, out ReadOnlyMemory<byte> bytes))
            KafkaReader.ThrowMalformed();
        return bytes;
    }

    public static void Write(KafkaWriter writer, ReadOnlyMemory<byte> value, bool flexible) => writer.WriteBytes(value.Span, flexible);
}

/// <summary>Record batches. Null and empty mean the same: nothing; written is the empty one.</summary>
internal readonly struct RecordsCodec : IFieldCodec<ReadOnlyMemory<byte>>
{
    public static ReadOnlyMemory<byte> Read(ref KafkaReader reader, bool flexible)
    {
        reader.TryReadBytes(flexible, out ReadOnlyMemory<byte> bytes);
        return bytes;
    }

    public static void Write(KafkaWriter writer, ReadOnlyMemory<byte> value, bool flexible) => writer.WriteBytes(value.Span, flexible);
}

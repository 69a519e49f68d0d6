using System.Buffers.Binary;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Partitions;

/// <summary>What the keys and values of all coordinator topics have in common.</summary>
internal static class CoordinatorCodec
{
    /// <summary>For messages of which no version has tagged fields.</summary>
    public const short NeverFlexible = short.MaxValue;

    private const short NoType = -1;

    /// <summary>The type that stands in front of a key; -1 when the key is too short for one.</summary>
    public static short TypeOf(ReadOnlyMemory<byte> key) =>
        BinaryPrimitives.TryReadInt16BigEndian(key.Span, out short type) ? type : NoType;
}

/// <summary>
/// The bytes of a key or a value of <c>__consumer_offsets</c> or <c>__transaction_state</c>, as Kafka writes them: a number, then the
/// fields of a message. In front of a value the number is the version of the message, in front of a key its type.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
internal sealed class CoordinatorCodec<T>
    where T : class, new()
{
    private readonly short _minVersion;
    private readonly short _maxVersion;
    private readonly short _flexibleFrom;
    private readonly MessageSchema<T> _schema;

    /// <summary>A key.</summary>
    public CoordinatorCodec(short type, MessageSchema<T> schema)
        : this(type, type, CoordinatorCodec.NeverFlexible, schema)
    {
    }

    /// <summary>A value, or a key that has several types.</summary>
    public CoordinatorCodec(short minVersion, short maxVersion, short flexibleFrom, MessageSchema<T> schema)
    {
        _minVersion = minVersion;
        _maxVersion = maxVersion;
        _flexibleFrom = flexibleFrom;
        _schema = schema;
    }

    /// <summary>Appends the bytes in the newest version.</summary>
    public void Write(PooledBuffer target, T message) => Write(target, message, _maxVersion);

    /// <summary>Appends the bytes.</summary>
    public void Write(PooledBuffer target, T message, short version)
    {
        var writer = new KafkaWriter(target);
        writer.WriteInt16(version);
        _schema.Write(writer, message, version, version >= _flexibleFrom);
    }

    /// <summary>Reads the bytes. Bytes of the message are slices of them.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/>: malformed, or of a version that is not known.</exception>
    public T Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var reader = new KafkaReader(bytes);
            short version = reader.ReadInt16();
            if (version < _minVersion || version > _maxVersion)
                throw new KafkaException(ErrorCode.CorruptMessage, $"{typeof(T).Name} has the unknown version {version}.");
            return _schema.Read(ref reader, version, version >= _flexibleFrom);
        }
        catch (KafkaException e) when (e.Code == ErrorCode.InvalidRequest)
        {
            throw new KafkaException(ErrorCode.CorruptMessage, $"{typeof(T).Name} is malformed.", e);
        }
    }
}

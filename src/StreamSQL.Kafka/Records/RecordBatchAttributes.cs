namespace StreamSQL.Kafka.Records;

/// <summary>How the records of a batch are compressed.</summary>
public enum CompressionType : byte
{
    /// <summary>Not compressed.</summary>
    None = 0,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip = 1,

    /// <summary>Snappy, raw or in the framing of snappy-java.</summary>
    Snappy = 2,

    /// <summary>LZ4 frame format.</summary>
    Lz4 = 3,

    /// <summary>Zstandard (RFC 8878).</summary>
    Zstd = 4,
}

/// <summary>What the timestamps of a batch mean.</summary>
public enum TimestampType : byte
{
    /// <summary>Each record carries the producer's time.</summary>
    CreateTime = 0,

    /// <summary>All records carry the batch's maximum timestamp, set by the broker.</summary>
    LogAppendTime = 1,
}

/// <summary>The attribute bits of a record batch (KIP-98, KIP-534).</summary>
public readonly record struct RecordBatchAttributes(short Bits)
{
    private const int CompressionMask = 0x07;
    private const int TimestampTypeBit = 0x08;
    private const int TransactionalBit = 0x10;
    private const int ControlBit = 0x20;
    private const int DeleteHorizonBit = 0x40;

    /// <summary>Packs the attributes.</summary>
    public RecordBatchAttributes(
        CompressionType compression, TimestampType timestampType = TimestampType.CreateTime, bool transactional = false,
        bool control = false)
        : this((short)((int)compression
            | (timestampType == TimestampType.LogAppendTime ? TimestampTypeBit : 0)
            | (transactional ? TransactionalBit : 0)
            | (control ? ControlBit : 0)))
    {
    }

    /// <summary>How the records are compressed. May be a value that is not defined, when the batch came from outside.</summary>
    public CompressionType Compression => (CompressionType)(Bits & CompressionMask);

    /// <summary>What the timestamps mean.</summary>
    public TimestampType TimestampType => (Bits & TimestampTypeBit) == 0 ? TimestampType.CreateTime : TimestampType.LogAppendTime;

    /// <summary>Whether the batch belongs to a transaction.</summary>
    public bool IsTransactional => (Bits & TransactionalBit) != 0;

    /// <summary>Whether the batch holds control records (transaction markers), which applications do not see.</summary>
    public bool IsControl => (Bits & ControlBit) != 0;

    /// <summary>Whether the base timestamp is the time after which tombstones and markers may be removed.</summary>
    public bool HasDeleteHorizon => (Bits & DeleteHorizonBit) != 0;

    /// <summary>The same attributes with the transactional bit set or cleared.</summary>
    public RecordBatchAttributes WithTransactional(bool transactional) =>
        new((short)(transactional ? Bits | TransactionalBit : Bits & ~TransactionalBit));

    /// <summary>The same attributes with another compression.</summary>
    public RecordBatchAttributes WithCompression(CompressionType compression) => new((short)((Bits & ~CompressionMask) | (int)compression));

    /// <summary>The same attributes, with the base timestamp saying when tombstones and markers may be removed (KIP-534).</summary>
    public RecordBatchAttributes WithDeleteHorizon() => new((short)(Bits | DeleteHorizonBit));

    /// <summary>The same attributes with another timestamp type.</summary>
    public RecordBatchAttributes WithTimestampType(TimestampType type) =>
        new((short)(type == TimestampType.LogAppendTime ? Bits | TimestampTypeBit : Bits & ~TimestampTypeBit));
}

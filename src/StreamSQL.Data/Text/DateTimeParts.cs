namespace StreamSQL.Data.Text;

/// <summary>Why a text is no date or time.</summary>
internal enum DateTimeFailure : byte
{
    None,
    Malformed,
    OutOfRange,

    /// <summary>A month or day that no month and no year has.</summary>
    FieldOutOfRange,
    OffsetOutOfRange,
    UnknownZone,

    /// <summary>A date that there is, but beyond what the type holds.</summary>
    TypeOutOfRange,
}

/// <summary>Words that stand for a time.</summary>
internal enum DateTimeSpecial : byte
{
    None,
    Epoch,
    Now,
    Today,
    Tomorrow,
    Yesterday,
    Infinity,
    MinusInfinity,
    AllBalls,
}

/// <summary>What a text says.</summary>
internal struct DateTimeParts
{
    public bool HasDate;
    public long Days;
    public bool HasTime;
    public long Micros;
    public bool HasZone;
    public int OffsetSeconds;
    public TimeZoneInfo? Zone;
    public DateTimeSpecial Special;
}

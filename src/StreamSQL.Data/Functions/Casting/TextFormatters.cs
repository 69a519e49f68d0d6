using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>Writes values of one type as text.</summary>
internal interface ITextFormatter<T>
    where T : unmanaged
{
    /// <summary>Writes a value to at least 48 bytes; returns the bytes written.</summary>
    static abstract int Format(T value, Span<byte> target);
}

/// <summary>BOOLEAN: true or false.</summary>
internal readonly struct BooleanFormatter : ITextFormatter<byte>
{
    public static int Format(byte value, Span<byte> target)
    {
        var text = value != 0 ? "true"u8 : "false"u8;
        text.CopyTo(target);
        return text.Length;
    }
}

/// <summary>INTEGER.</summary>
internal readonly struct Int32Formatter : ITextFormatter<int>
{
    public static int Format(int value, Span<byte> target) => IntegerText.Write(target, value);
}

/// <summary>BIGINT.</summary>
internal readonly struct Int64Formatter : ITextFormatter<long>
{
    public static int Format(long value, Span<byte> target) => IntegerText.Write(target, value);
}

/// <summary>DOUBLE as Java writes it.</summary>
internal readonly struct JavaDoubleFormatter : ITextFormatter<double>
{
    public static int Format(double value, Span<byte> target) => DoubleText.WriteJava(target, value);
}

/// <summary>DOUBLE as PostgreSQL writes it.</summary>
internal readonly struct PostgresDoubleFormatter : ITextFormatter<double>
{
    public static int Format(double value, Span<byte> target) => DoubleText.WritePostgres(target, value);
}

/// <summary>real as PostgreSQL writes it.</summary>
internal readonly struct PostgresSingleFormatter : ITextFormatter<double>
{
    public static int Format(double value, Span<byte> target) => DoubleText.WritePostgresSingle(target, (float)value);
}

/// <summary>DATE.</summary>
internal readonly struct DateFormatter : ITextFormatter<int>
{
    public static int Format(int value, Span<byte> target) => DateTimeText.WriteDate(target, value);
}

/// <summary>TIME as Java writes it.</summary>
internal readonly struct JavaTimeFormatter : ITextFormatter<int>
{
    public static int Format(int value, Span<byte> target) => DateTimeText.WriteTime(target, value, FractionStyle.JavaLocalTime);
}

/// <summary>TIME as PostgreSQL writes it.</summary>
internal readonly struct PostgresTimeFormatter : ITextFormatter<int>
{
    public static int Format(int value, Span<byte> target) => DateTimeText.WriteTime(target, value, FractionStyle.Trimmed);
}

/// <summary>TIMESTAMP as ksqlDB writes it.</summary>
internal readonly struct IsoTimestampFormatter : ITextFormatter<long>
{
    public static int Format(long value, Span<byte> target) => DateTimeText.WriteKsqlTimestamp(target, value);
}

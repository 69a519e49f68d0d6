using System.Buffers.Text;
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
    public static int Format(int value, Span<byte> target)
    {
        Utf8Formatter.TryFormat(value, target, out var length);
        return length;
    }
}

/// <summary>BIGINT.</summary>
internal readonly struct Int64Formatter : ITextFormatter<long>
{
    public static int Format(long value, Span<byte> target)
    {
        Utf8Formatter.TryFormat(value, target, out var length);
        return length;
    }
}

/// <summary>DOUBLE as Java writes it.</summary>
internal readonly struct JavaDoubleFormatter : ITextFormatter<double>
{
    public static int Format(double value, Span<byte> target) => DoubleText.FormatJava(value, target);
}

/// <summary>DOUBLE as PostgreSQL writes it.</summary>
internal readonly struct PostgresDoubleFormatter : ITextFormatter<double>
{
    public static int Format(double value, Span<byte> target) => DoubleText.FormatPostgres(value, target);
}

/// <summary>DATE.</summary>
internal readonly struct DateFormatter : ITextFormatter<int>
{
    public static int Format(int value, Span<byte> target) => DateTimeText.FormatDate(value, target);
}

/// <summary>TIME as Java writes it.</summary>
internal readonly struct JavaTimeFormatter : ITextFormatter<int>
{
    public static int Format(int value, Span<byte> target) => DateTimeText.FormatTimeJava(value, target);
}

/// <summary>TIME as PostgreSQL writes it.</summary>
internal readonly struct PostgresTimeFormatter : ITextFormatter<int>
{
    public static int Format(int value, Span<byte> target) => DateTimeText.FormatTimePostgres(value, target);
}

/// <summary>TIMESTAMP as ksqlDB writes it.</summary>
internal readonly struct IsoTimestampFormatter : ITextFormatter<long>
{
    public static int Format(long value, Span<byte> target) => DateTimeText.FormatTimestampIso(value, target);
}

/// <summary>TIMESTAMP as PostgreSQL writes it.</summary>
internal readonly struct PostgresTimestampFormatter : ITextFormatter<long>
{
    public static int Format(long value, Span<byte> target) => DateTimeText.FormatTimestampPostgres(value, target);
}

/// <summary>interval.</summary>
internal readonly struct IntervalFormatter : ITextFormatter<long>
{
    public static int Format(long value, Span<byte> target) => IntervalText.Format(value, target);
}

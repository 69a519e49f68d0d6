using System.Text;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>Reads values of one type from text.</summary>
internal interface ITextParser<T>
    where T : unmanaged
{
    /// <summary>PostgreSQL's name of the type, for error messages.</summary>
    static abstract string TypeName { get; }

    /// <summary>Whether values are dates or times, whose errors have SQLSTATEs of their own.</summary>
    static abstract bool IsDateTime { get; }

    /// <summary>Reads a value.</summary>
    static abstract ParseResult TryParse(ReadOnlySpan<byte> text, out T value);
}

/// <summary>INTEGER: an optional sign and digits, spaces around.</summary>
internal readonly struct Int32Parser : ITextParser<int>
{
    public static string TypeName => "integer";

    public static bool IsDateTime => false;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out int value)
    {
        var result = Int64Parser.TryParse(text, out var wide);
        value = (int)wide;
        return result == ParseResult.Ok && value != wide ? ParseResult.OutOfRange : result;
    }
}

/// <summary>smallint: as INTEGER.</summary>
internal readonly struct Int16Parser : ITextParser<int>
{
    public static string TypeName => "smallint";

    public static bool IsDateTime => false;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out int value)
    {
        var result = Int64Parser.TryParse(text, out var wide);
        value = (short)wide;
        return result == ParseResult.Ok && value != wide ? ParseResult.OutOfRange : result;
    }
}

/// <summary>BIGINT: an optional sign and digits, spaces around.</summary>
internal readonly struct Int64Parser : ITextParser<long>
{
    public static string TypeName => "bigint";

    public static bool IsDateTime => false;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out long value) => IntegerText.TryParse(text.Trim(" \t\r\n"u8), out value);
}

/// <summary>DOUBLE.</summary>
internal readonly struct DoubleParser : ITextParser<double>
{
    public static string TypeName => "double precision";

    public static bool IsDateTime => false;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out double value) => DoubleText.TryParse(text, out value);
}

/// <summary>real: the nearest to the text; a number that is too large, or too small, is out of range.</summary>
internal readonly struct SingleParser : ITextParser<double>
{
    public static string TypeName => "real";

    public static bool IsDateTime => false;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out double value)
    {
        var result = DoubleText.TryParse(text, out var exact);
        value = (float)exact;
        return result == ParseResult.Ok && (double.IsInfinity(value) != double.IsInfinity(exact) || (value == 0 && exact != 0))
            ? ParseResult.OutOfRange : result;
    }
}

/// <summary>ksqlDB's BOOLEAN: a beginning of true or yes is true, all else false.</summary>
internal readonly struct KsqlBooleanParser : ITextParser<byte>
{
    public static string TypeName => "boolean";

    public static bool IsDateTime => false;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out byte value)
    {
        text = text.Trim((byte)' ');
        var isTrue = text.Length > 0
            && ((text.Length <= 4 && Ascii.EqualsIgnoreCase(text, "true"u8[..text.Length]))
                || (text.Length <= 3 && Ascii.EqualsIgnoreCase(text, "yes"u8[..text.Length])));
        value = (byte)(isTrue ? 1 : 0);
        return ParseResult.Ok;
    }
}

/// <summary>PostgreSQL's boolean: a unique beginning of true, false, yes, no, on, off, or 1, 0.</summary>
internal readonly struct PostgresBooleanParser : ITextParser<byte>
{
    public static string TypeName => "boolean";

    public static bool IsDateTime => false;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out byte value)
    {
        text = text.Trim(" \t\r\n"u8);
        value = 1;
        if (Begins(text, "true"u8, 1) || Begins(text, "yes"u8, 1) || Begins(text, "on"u8, 2) || text.SequenceEqual("1"u8))
            return ParseResult.Ok;
        value = 0;
        return Begins(text, "false"u8, 1) || Begins(text, "no"u8, 1) || Begins(text, "off"u8, 2) || text.SequenceEqual("0"u8)
            ? ParseResult.Ok
            : ParseResult.Malformed;
    }

    private static bool Begins(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word, int atLeast) =>
        text.Length >= atLeast && text.Length <= word.Length && Ascii.EqualsIgnoreCase(text, word[..text.Length]);
}

/// <summary>DATE.</summary>
internal readonly struct DateParser : ITextParser<int>
{
    public static string TypeName => "date";

    public static bool IsDateTime => true;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out int value) => DateTimeText.TryParseDate(text, out value);
}

/// <summary>TIME.</summary>
internal readonly struct TimeParser : ITextParser<int>
{
    public static string TypeName => "time";

    public static bool IsDateTime => true;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out int value) => DateTimeText.TryParseTime(text, out value);
}

/// <summary>TIMESTAMP, also as BIGINT milliseconds.</summary>
internal readonly struct TimestampParser : ITextParser<long>
{
    public static string TypeName => "timestamp with time zone";

    public static bool IsDateTime => true;

    public static ParseResult TryParse(ReadOnlySpan<byte> text, out long value) =>
        DateTimeText.TryParseTimestamp(text, out value, endOfDay: true);
}

using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>Text and bytes in other notations: hex, base64, ASCII, UTF-8; numbers in bytes; digests; identifiers.</summary>
internal static class EncodingFunctions
{
    private const string Category = "Encoding";
    private const int UuidLength = 36;

    public static IEnumerable<ScalarFunction> All() =>
    [
        new OverloadedFunction("ENCODE", Category, "A text taken from one notation to another: 'hex', 'utf8', 'ascii', 'base64'.",
            [("ENCODE('Example!', 'ascii', 'hex')", "4578616d706c6521"), ("ENCODE('RXhhbXBsZSE=', 'base64', 'utf8')", "Example!")],
            Strict<Encode>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("TO_BYTES", Category, "The bytes that a text stands for in a notation: 'hex', 'utf8', 'ascii', 'base64'.",
            [("FROM_BYTES(TO_BYTES('1aB2', 'hex'), 'hex')", "1AB2")],
            Strict<ToBytes>(SqlType.Bytes, SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("FROM_BYTES", Category, "Bytes as text in a notation: 'hex', 'utf8', 'ascii', 'base64'.",
            [("FROM_BYTES(TO_BYTES('Example!', 'utf8'), 'base64')", "RXhhbXBsZSE=")],
            Strict<FromBytes>(SqlType.Varchar, SqlType.Bytes, SqlType.Varchar)),
        FromBinary<ToInt>("INT_FROM_BYTES", SqlType.Integer, "4 bytes as INTEGER; big endian unless 'LITTLE_ENDIAN' is given.",
            ("INT_FROM_BYTES(TO_BYTES('000007E5', 'hex'))", "2021")),
        FromBinary<ToLong>("BIGINT_FROM_BYTES", SqlType.BigInt, "8 bytes as BIGINT; big endian unless 'LITTLE_ENDIAN' is given.",
            ("BIGINT_FROM_BYTES(TO_BYTES('000000012A05F200', 'hex'))", "5000000000")),
        FromBinary<ToDouble>("DOUBLE_FROM_BYTES", SqlType.Double, "8 bytes as DOUBLE; big endian unless 'LITTLE_ENDIAN' is given.",
            ("DOUBLE_FROM_BYTES(TO_BYTES('3FF8000000000000', 'hex'))", "1.5")),
        new OverloadedFunction("CHR", Category, "The character of a code point: a number, or text like '\\u004b'.",
            [("CHR(75)", "K"), ("CHR('\\u004b')", "K")], Strict<CharacterOfNumber>(SqlType.Varchar, SqlType.Integer),
            Strict<CharacterOfText>(SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("ASCII", Category, "The code point of the first character; 0 of an empty text.", [("ASCII('K')", "75")],
            Strict<FirstCodePoint>(SqlType.Integer, SqlType.Varchar)),
        new OverloadedFunction("MD5", Category, "The MD5 digest of a text or bytes, in hex. Not for secrets.",
            [("MD5('ksqlDB')", "aa97027427d39488a27a9847fa7ec39b")], Strict<Md5>(SqlType.Varchar, SqlType.Varchar),
            Strict<Md5>(SqlType.Varchar, SqlType.Bytes)),
        new OverloadedFunction("UUID", Category, "A random identifier, or the one that 16 bytes are.",
            [("UUID(TO_BYTES('00112233445566778899AABBCCDDEEFF', 'hex'))", "00112233-4455-6677-8899-aabbccddeeff")],
            Nullable<NewUuid>(SqlType.Varchar) with { IsDeterministic = false }, Strict<UuidOfBytes>(SqlType.Varchar, SqlType.Bytes)),
        new OverloadedFunction("GEN_RANDOM_UUID", Category, "A random identifier.", [],
            Nullable<NewUuid>(SqlType.Varchar) with { IsDeterministic = false, Rules = RuleSet.Ksql },
            Nullable<NewUuid>(SqlType.Uuid) with { IsDeterministic = false, Rules = RuleSet.Postgres }),
    ];

    private static OverloadedFunction FromBinary<TFunction>(string name, SqlType result, string description, (string, string) example)
        where TFunction : struct, IRowFunction =>
        new(name, Category, description, [example], Strict<TFunction>(result, SqlType.Bytes),
            Strict<TFunction>(result, SqlType.Bytes, SqlType.Varchar));

    /// <summary>The bytes that a text stands for; null when it is no such text, or there is no such notation.</summary>
    private static byte[]? Decode(ReadOnlySpan<byte> text, ReadOnlySpan<byte> notation)
    {
        if (Ascii.EqualsIgnoreCase(notation, "utf8"u8))
            return text.ToArray();
        if (Ascii.EqualsIgnoreCase(notation, "ascii"u8))
            return Encoding.ASCII.GetBytes(Encoding.UTF8.GetString(text));
        if (Ascii.EqualsIgnoreCase(notation, "hex"u8))
            return DecodeHex(text);
        if (!Ascii.EqualsIgnoreCase(notation, "base64"u8))
            return null;
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, bytes, out _, out var written) == OperationStatus.Done ? bytes[..written] : null;
    }

    /// <summary>Hex digits, alone, after 0x, or within x'..'; after 0x an odd first digit stands for itself.</summary>
    private static byte[]? DecodeHex(ReadOnlySpan<byte> text)
    {
        var mayBeOdd = text.StartsWith("0x"u8);
        if (mayBeOdd)
            text = text[2..];
        else if (text.Length >= 3 && (text[0] | 0x20) == 'x' && text[1] == '\'' && text[^1] == '\'')
            text = text[2..^1];
        if (text.Length % 2 != 0 && !mayBeOdd)
            return null;
        Span<byte> padded = new byte[text.Length + (text.Length % 2)];
        padded[0..(text.Length % 2)].Fill((byte)'0');
        text.CopyTo(padded[(text.Length % 2)..]);
        var bytes = new byte[padded.Length / 2];
        return Convert.FromHexString(padded, bytes, out _, out _) == OperationStatus.Done ? bytes : null;
    }

    /// <summary>Bytes as text; null when there is no such notation.</summary>
    private static byte[]? ToNotation(byte[] bytes, ReadOnlySpan<byte> notation, bool upperHex)
    {
        if (Ascii.EqualsIgnoreCase(notation, "hex"u8))
            return Encoding.ASCII.GetBytes(upperHex ? Convert.ToHexString(bytes) : Convert.ToHexStringLower(bytes));
        if (Ascii.EqualsIgnoreCase(notation, "base64"u8))
            return Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes));
        if (Ascii.EqualsIgnoreCase(notation, "ascii"u8))
            return Encoding.UTF8.GetBytes(string.Concat(bytes.Select(static b => b < 0x80 ? (char)b : '\uFFFD')));
        return Ascii.EqualsIgnoreCase(notation, "utf8"u8) ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes)) : null;
    }

    private static void ReturnOrFail(in RowCall call, byte[]? value)
    {
        if (value is null)
            call.Fail(PostgresErrorCodes.InvalidParameterValue,
                "the value is not in the notation named, or the notation is not hex, utf8, ascii or base64");
        else
            call.Return(value);
    }

    private readonly struct Encode : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            ReturnOrFail(call, Decode(call.Text(0), call.Text(1)) is { } bytes ? ToNotation(bytes, call.Text(2), upperHex: false) : null);
    }

    private readonly struct ToBytes : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnOrFail(call, Decode(call.Text(0), call.Text(1)));
    }

    private readonly struct FromBytes : IRowFunction
    {
        public static void Apply(in RowCall call) => ReturnOrFail(call, ToNotation(call.Text(0).ToArray(), call.Text(1), upperHex: true));
    }

    private static bool TryTake(in RowCall call, int size, out bool littleEndian)
    {
        littleEndian = call.Count > 1 && Ascii.EqualsIgnoreCase(call.Text(1), "LITTLE_ENDIAN"u8);
        if (call.Count > 1 && !littleEndian && !Ascii.EqualsIgnoreCase(call.Text(1), "BIG_ENDIAN"u8))
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, "a byte order is 'BIG_ENDIAN' or 'LITTLE_ENDIAN'");
            return false;
        }

        if (call.Text(0).Length == size)
            return true;
        call.Fail(PostgresErrorCodes.InvalidBinaryRepresentation, $"a number of {size} bytes, not {call.Text(0).Length}");
        return false;
    }

    private readonly struct ToInt : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TryTake(call, 4, out var little))
                call.Return(little ? BinaryPrimitives.ReadInt32LittleEndian(call.Text(0)) : BinaryPrimitives.ReadInt32BigEndian(
                    call.Text(0)));
        }
    }

    private readonly struct ToLong : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TryTake(call, 8, out var little))
                call.Return(little ? BinaryPrimitives.ReadInt64LittleEndian(call.Text(0)) : BinaryPrimitives.ReadInt64BigEndian(
                    call.Text(0)));
        }
    }

    private readonly struct ToDouble : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TryTake(call, 8, out var little))
                call.Return(little ? BinaryPrimitives.ReadDoubleLittleEndian(call.Text(0)) : BinaryPrimitives.ReadDoubleBigEndian(
                    call.Text(0)));
        }
    }

    private readonly struct CharacterOfNumber : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Span<byte> utf8 = stackalloc byte[4];
            if (Rune.TryCreate(call.Int(0), out var rune))
                call.Return(utf8[..rune.EncodeToUtf8(utf8)]);
            else
                call.ReturnNull();
        }
    }

    /// <summary>One or more UTF-16 units written as a backslash, u and four hex digits.</summary>
    private readonly struct CharacterOfText : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var units = new char[text.Length / 6];
            for (var i = 0; i < units.Length; i++)
            {
                var unit = text.Slice(i * 6, 6);
                if (unit[0] != '\\' || unit[1] != 'u'
                    || !ushort.TryParse(unit[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                {
                    call.ReturnNull();
                    return;
                }

                units[i] = (char)code;
            }

            if (text.Length % 6 != 0 || units.Length == 0)
                call.ReturnNull();
            else
                call.Return(Encoding.UTF8.GetBytes(units));
        }
    }

    private readonly struct FirstCodePoint : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Rune.DecodeFromUtf8(call.Text(0), out var rune, out _);
            call.Return(call.Text(0).IsEmpty ? 0 : rune.Value);
        }
    }

    private readonly struct Md5 : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
#pragma warning disable CA5351 // The function's name promises MD5.
            MD5.HashData(call.Text(0), digest);
#pragma warning restore CA5351
            Convert.TryToHexStringLower(digest, call.Room(2 * digest.Length), out _);
        }
    }

    private readonly struct NewUuid : IRowFunction
    {
        public static void Apply(in RowCall call) => Guid.NewGuid().TryFormat(call.Room(UuidLength), out _);
    }

    private readonly struct UuidOfBytes : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.Text(0) is { Length: 16 } bytes)
                new Guid(bytes, bigEndian: true).TryFormat(call.Room(UuidLength), out _);
            else
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"a UUID has 16 bytes, not {call.Text(0).Length}");
        }
    }
}

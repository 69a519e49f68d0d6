using System.Buffers;
using System.Text;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>
/// Case, length, trimming, padding and replacing. Lengths and positions of text count characters (code points), of BYTES bytes.
/// </summary>
internal static class TextFunctions
{
    private const string Category = "String";
    private const long MaxBytes = 100_000_000;

    public static IEnumerable<ScalarFunction> All() =>
    [
        Upper("UCASE"),
        Upper("UPPER"),
        Lower("LCASE"),
        Lower("LOWER"),
        new OverloadedFunction("INITCAP", Category,
            "Each word in lower case with a capital first. Words are parted by spaces (ksqlDB) or by all but letters and digits " +
                "(PostgreSQL).", [("INITCAP('the Quick fOx')", "The Quick Fox")],
            Strict<InitCap>(SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Ksql },
            Strict<InitCapPostgres>(SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Postgres }),
        Length("LEN"),
        Length("LENGTH"),
        Length("CHAR_LENGTH"),
        Length("CHARACTER_LENGTH"),
        new OverloadedFunction("OCTET_LENGTH", Category, "How many bytes a text or byte string has.", [("OCTET_LENGTH('häh')", "4")],
            Strict<ByteLength>(SqlType.Integer, SqlType.Varchar), Strict<ByteLength>(SqlType.Integer, SqlType.Bytes)),
        Trimming<TrimBoth>("TRIM", "Without spaces at both ends, or without the characters of the second argument.", ("TRIM('  a ')", "a")),
        Trimming<TrimBoth>("BTRIM", "Without spaces at both ends, or without the characters of the second argument.",
            ("BTRIM('xax', 'x')", "a")),
        Trimming<TrimStart>("LTRIM", "Without spaces at the start, or without the characters of the second argument.",
            ("LTRIM('xxa', 'x')", "a")),
        Trimming<TrimEnd>("RTRIM", "Without spaces at the end, or without the characters of the second argument.",
            ("RTRIM('axx', 'x')", "a")),
        Padding<PadLeft, PadLeftPostgres>("LPAD", "Filled up at the start with the padding to a length, or cut to it.",
            ("LPAD('foo', 7, 'Bar')", "BarBfoo")),
        Padding<PadRight, PadRightPostgres>("RPAD", "Filled up at the end with the padding to a length, or cut to it.",
            ("RPAD('foo', 7, 'Bar')", "fooBarB")),
        new OverloadedFunction("REPLACE", Category, "Every occurrence of the second text replaced by the third.",
            [("REPLACE('foo bar', 'o', '00')", "f0000 bar")],
            Strict<ReplaceKsql>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Ksql },
            Strict<Replace>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Postgres }),
        new OverloadedFunction("REPEAT", Category, "A text so many times.", [("REPEAT('ab', 3)", "ababab")],
            Strict<Repeat>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        new OverloadedFunction("REVERSE", Category, "The characters from last to first.", [("REVERSE('abc')", "cba")],
            Strict<Reverse>(SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("CONCAT", Category, "All arguments one after the other; NULL is left out.",
            [("CONCAT('a', NULL, 'b')", "ab")],
            Nullable<Concat>(SqlType.Varchar, SqlType.Varchar) with { IsVariadic = true },
            Nullable<Concat>(SqlType.Bytes, SqlType.Bytes) with { IsVariadic = true }),
        new OverloadedFunction("CONCAT_WS", Category,
            "The arguments after the first one after the other, the first between them; NULL is left out.",
            [("CONCAT_WS(', ', 'a', NULL, 'b')", "a, b")],
            Nullable<ConcatWithSeparator>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar) with { IsVariadic = true },
            Nullable<ConcatWithSeparator>(SqlType.Bytes, SqlType.Bytes, SqlType.Bytes) with { IsVariadic = true }),
    ];

    private static OverloadedFunction Upper(string name) =>
        new(name, Category, "In upper case.", [($"{name}('abc')", "ABC")], Strict<ToUpper>(SqlType.Varchar, SqlType.Varchar));

    private static OverloadedFunction Lower(string name) =>
        new(name, Category, "In lower case.", [($"{name}('ABC')", "abc")], Strict<ToLower>(SqlType.Varchar, SqlType.Varchar));

    private static OverloadedFunction Length(string name) =>
        new(name, Category, "How many characters a text, or bytes a byte string, has.", [($"{name}('häh')", "3")],
            Strict<CharacterLength>(SqlType.Integer, SqlType.Varchar), Strict<ByteLength>(SqlType.Integer, SqlType.Bytes));

    private static OverloadedFunction Trimming<TFunction>(string name, string description, (string, string) example)
        where TFunction : struct, IRowFunction =>
        new(name, Category, description, [example],
            Strict<TFunction>(SqlType.Varchar, SqlType.Varchar), Strict<TFunction>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar));

    private static OverloadedFunction Padding<TFunction, TPostgres>(string name, string description, (string, string) example)
        where TFunction : struct, IRowFunction
        where TPostgres : struct, IRowFunction =>
        new(name, Category, description, [example],
            Strict<TFunction>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Varchar) with { Rules = RuleSet.Ksql },
            Strict<TPostgres>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Varchar) with { Rules = RuleSet.Postgres },
            Strict<TFunction>(SqlType.Bytes, SqlType.Bytes, SqlType.Integer, SqlType.Bytes));

    private readonly struct ToUpper : IRowFunction
    {
        public static void Apply(in RowCall call) => ChangeCase(call, upper: true);
    }

    private readonly struct ToLower : IRowFunction
    {
        public static void Apply(in RowCall call) => ChangeCase(call, upper: false);
    }

    private static void ChangeCase(in RowCall call, bool upper)
    {
        var text = call.Text(0);
        if (Ascii.IsValid(text))
        {
            if (upper)
                Ascii.ToUpper(text, call.Room(text.Length), out _);
            else
                Ascii.ToLower(text, call.Room(text.Length), out _);
            return;
        }

        var buffer = new byte[CaseFolding.MaxLength(text.Length)];
        var length = upper ? CaseFolding.ToUpper(text, buffer) : CaseFolding.ToLower(text, buffer);
        call.Return(buffer.AsSpan(0, length));
    }

    private readonly struct InitCap : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            Capitalize(call, static character => character[0] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r');
    }

    private readonly struct InitCapPostgres : IRowFunction
    {
        public static void Apply(in RowCall call) =>
            Capitalize(call, static character => Rune.DecodeFromUtf8(character, out var rune, out _) != OperationStatus.Done
                || !Rune.IsLetterOrDigit(rune));
    }

    private static void Capitalize(in RowCall call, Func<ReadOnlySpan<byte>, bool> partsWords)
    {
        var text = call.Text(0);
        var buffer = new byte[CaseFolding.MaxLength(text.Length)];
        var written = 0;
        var wordStarts = true;
        while (text.Length > 0)
        {
            var character = text[..Utf8Characters.Length(text)];
            var target = buffer.AsSpan(written);
            written += wordStarts ? CaseFolding.ToUpper(character, target) : CaseFolding.ToLower(character, target);
            wordStarts = partsWords(character);
            text = text[character.Length..];
        }

        call.Return(buffer.AsSpan(0, written));
    }

    private readonly struct CharacterLength : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Utf8Characters.Count(call.Text(0)));
    }

    private readonly struct ByteLength : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Text(0).Length);
    }

    private readonly struct TrimBoth : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Trim(call, start: true, end: true));
    }

    private readonly struct TrimStart : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Trim(call, start: true, end: false));
    }

    private readonly struct TrimEnd : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Trim(call, start: false, end: true));
    }

    /// <summary>One argument: everything up to the space character, as Java's trim does. Two: the characters named.</summary>
    private static ReadOnlySpan<byte> Trim(in RowCall call, bool start, bool end)
    {
        var text = call.Text(0);
        var set = call.Count > 1 ? call.Text(1) : default;
        var isDefault = call.Count == 1;
        while (start && text.Length > 0)
        {
            var length = Utf8Characters.Length(text);
            if (isDefault ? text[0] > ' ' : set.IndexOf(text[..length]) < 0)
                break;
            text = text[length..];
        }

        while (end && text.Length > 0)
        {
            var last = text.Length - 1;
            while (last > 0 && (text[last] & 0xC0) == 0x80)
                last--;
            if (isDefault ? text[last] > ' ' : set.IndexOf(text[last..]) < 0)
                break;
            text = text[..last];
        }

        return text;
    }

    private readonly struct PadLeft : IRowFunction
    {
        public static void Apply(in RowCall call) => Pad(call, left: true);
    }

    private readonly struct PadRight : IRowFunction
    {
        public static void Apply(in RowCall call) => Pad(call, left: false);
    }

    private readonly struct PadLeftPostgres : IRowFunction
    {
        public static void Apply(in RowCall call) => Pad(call, left: true, isPostgres: true);
    }

    private readonly struct PadRightPostgres : IRowFunction
    {
        public static void Apply(in RowCall call) => Pad(call, left: false, isPostgres: true);
    }

    /// <summary>A negative length and an empty padding give NULL to ksqlDB; to PostgreSQL nothing, and nothing to fill up with.</summary>
    private static void Pad(in RowCall call, bool left, bool isPostgres = false)
    {
        const int MaxLength = 10_000_000;
        var text = call.Text(0);
        var length = isPostgres ? Math.Max(0, call.Int(1)) : call.Int(1);
        var padding = call.Text(2);
        if (!isPostgres && (length < 0 || padding.IsEmpty))
        {
            call.ReturnNull();
            return;
        }

        if (length > MaxLength)
        {
            call.Fail(Npgsql.PostgresErrorCodes.ProgramLimitExceeded, "requested length too large");
            return;
        }

        var isText = call.Result.Type.Kind == SqlTypeKind.Varchar;
        var has = isText ? Utf8Characters.Count(text) : text.Length;
        if (padding.IsEmpty)
            length = Math.Min(length, has);
        if (has >= length)
        {
            call.Return(isText ? Utf8Characters.Slice(text, 0, length) : text[..length]);
            return;
        }

        var missing = length - has;
        var paddingHas = isText ? Utf8Characters.Count(padding) : padding.Length;
        var whole = missing / paddingHas;
        var rest = isText ? Utf8Characters.Offset(padding, missing % paddingHas) : missing % paddingHas;
        var fill = (whole * padding.Length) + rest;
        var room = call.Room(fill + text.Length);
        text.CopyTo(left ? room[fill..] : room);
        var target = left ? room[..fill] : room[text.Length..];
        for (var at = 0; at < fill; at += padding.Length)
            padding[..Math.Min(padding.Length, fill - at)].CopyTo(target[at..]);
    }

    private readonly struct Replace : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var search = call.Text(1);
            var replacement = call.Text(2);
            var hits = search.IsEmpty ? 0 : text.Count(search);
            if (hits == 0)
            {
                call.Return(text);
                return;
            }

            var room = call.Room(checked(text.Length + (hits * (replacement.Length - search.Length))));
            for (; hits > 0; hits--)
            {
                var at = text.IndexOf(search);
                text[..at].CopyTo(room);
                replacement.CopyTo(room[at..]);
                room = room[(at + replacement.Length)..];
                text = text[(at + search.Length)..];
            }

            text.CopyTo(room);
        }
    }

    /// <summary>As Java has it: an empty text is found in front of every character, and at the end.</summary>
    private readonly struct ReplaceKsql : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (!call.Text(1).IsEmpty)
            {
                Replace.Apply(call);
                return;
            }

            var text = call.Text(0);
            var inserted = call.Text(2);
            var length = text.Length + ((Utf8Characters.Count(text) + 1L) * inserted.Length);
            if (length > MaxBytes)
            {
                call.Fail(Npgsql.PostgresErrorCodes.ProgramLimitExceeded, $"the text would have {length} bytes");
                return;
            }

            var room = call.Room((int)length);
            while (!text.IsEmpty)
            {
                var size = Utf8Characters.Offset(text, 1);
                inserted.CopyTo(room);
                text[..size].CopyTo(room[inserted.Length..]);
                room = room[(inserted.Length + size)..];
                text = text[size..];
            }

            inserted.CopyTo(room);
        }
    }

    private readonly struct Repeat : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var times = Math.Max(0, call.Int(1));
            if ((long)text.Length * times > MaxBytes)
            {
                call.Fail(Npgsql.PostgresErrorCodes.ProgramLimitExceeded, "requested length too large");
                return;
            }

            var room = call.Room(text.Length * times);
            for (var i = 0; i < times; i++)
                text.CopyTo(room[(i * text.Length)..]);
        }
    }

    private readonly struct Reverse : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var room = call.Room(text.Length);
            while (text.Length > 0)
            {
                var length = Utf8Characters.Length(text);
                text[..length].CopyTo(room[(text.Length - length)..]);
                text = text[length..];
            }
        }
    }

    private readonly struct Concat : IRowFunction
    {
        public static void Apply(in RowCall call) => Join(call, first: 0, default);
    }

    private readonly struct ConcatWithSeparator : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.IsNull(0))
                call.ReturnNull();
            else
                Join(call, first: 1, call.Text(0));
        }
    }

    private static void Join(in RowCall call, int first, ReadOnlySpan<byte> separator)
    {
        var length = 0;
        var parts = 0;
        for (var i = first; i < call.Count; i++)
        {
            if (call.IsNull(i))
                continue;
            length += call.Text(i).Length;
            parts++;
        }

        var room = call.Room(length + (Math.Max(0, parts - 1) * separator.Length));
        for (var i = first; i < call.Count; i++)
        {
            if (call.IsNull(i))
                continue;
            var text = call.Text(i);
            text.CopyTo(room);
            room = room[text.Length..];
            if (--parts > 0)
            {
                separator.CopyTo(room);
                room = room[separator.Length..];
            }
        }
    }
}

using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>Parts of texts and where they stand; positions count from 1.</summary>
internal static class SubstringFunctions
{
    private const string Category = "String";

    public static IEnumerable<ScalarFunction> All() =>
    [
        Substring("SUBSTRING"),
        Substring("SUBSTR"),
        new OverloadedFunction("OVERLAY", Category,
            "A text with the part from a position on, of the second text's or a given length, replaced by the second text.",
            [("OVERLAY('Txxxxas', 'hom', 2, 4)", "Thomas"), ("OVERLAY('abcdef', 'XY', 3)", "abXYef")],
            Strict<Overlay>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Integer),
            Strict<Overlay>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Integer)),
        new OverloadedFunction("LEFT", Category, "The first so many characters; negative: all but the last so many.",
            [("LEFT('stream', 3)", "str"), ("LEFT('stream', -1)", "strea")],
            Strict<Left>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        new OverloadedFunction("RIGHT", Category, "The last so many characters; negative: all but the first so many.",
            [("RIGHT('stream', 3)", "eam")],
            Strict<Right>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        new OverloadedFunction("INSTR", Category,
            "Where the second text stands in the first, 0 if nowhere; from a position on (negative: backwards from the end), the n-th " +
                "time.",
            [("INSTR('corporate floor', 'or')", "2"), ("INSTR('corporate floor', 'or', 4)", "5"),
                ("INSTR('corporate floor', 'or', -3)", "5"), ("INSTR('corporate floor', 'or', 3, 2)", "14")],
            Strict<InStr>(SqlType.Integer, SqlType.Varchar, SqlType.Varchar),
            Strict<InStr>(SqlType.Integer, SqlType.Varchar, SqlType.Varchar, SqlType.Integer),
            Strict<InStr>(SqlType.Integer, SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Integer)),
        new OverloadedFunction("STRPOS", Category, "Where the second text stands in the first, 0 if nowhere.",
            [("STRPOS('stream', 'ea')", "4")], Strict<InStr>(SqlType.Integer, SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("POSITION", Category, "Where the first text stands in the second, 0 if nowhere.",
            [("POSITION('ea', 'stream')", "4")], Strict<Position>(SqlType.Integer, SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("STARTS_WITH", Category, "Whether the first text starts with the second.",
            [("STARTS_WITH('stream', 'st')", "true")], Strict<StartsWith>(SqlType.Boolean, SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("SPLIT", Category, "The parts of a text between delimiters; an empty delimiter gives the characters.",
            [("SPLIT('a.b.c', '.')", "[a, b, c]"), ("SPLIT('abc', '')", "[a, b, c]")],
            Strict<Split>(SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar),
            Strict<Split>(SqlType.ArrayOf(SqlType.Bytes), SqlType.Bytes, SqlType.Bytes)),
        new OverloadedFunction("STRING_TO_ARRAY", Category, "The parts of a text between delimiters.",
            [("STRING_TO_ARRAY('a,b', ',')", "[a, b]")],
            Nullable<StringToArray>(SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("SPLIT_PART", Category, "The n-th part of a text between delimiters; empty when there are fewer.",
            [("SPLIT_PART('a.b.c', '.', 2)", "b")],
            Strict<SplitPart>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        new OverloadedFunction("SPLIT_TO_MAP", Category,
            "Entries between delimiters, each a key and a value with the other delimiter between them.",
            [("SPLIT_TO_MAP('a:1/b:2', '/', ':')", "{a=1, b=2}")],
            Strict<SplitToMap>(SqlType.MapOf(SqlType.Varchar, SqlType.Varchar), SqlType.Varchar, SqlType.Varchar, SqlType.Varchar)),
        new OverloadedFunction("FIELD", Category, "At which place among the later arguments the first stands, 0 if at none.",
            [("FIELD('b', 'a', 'b')", "2")],
            Nullable<Field>(SqlType.Integer, SqlType.Varchar, SqlType.Varchar) with { IsVariadic = true }),
        new OverloadedFunction("ELT", Category, "The n-th of the later arguments.", [("ELT(2, 'a', 'b')", "b")],
            Nullable<Elt>(SqlType.Varchar, SqlType.Integer, SqlType.Varchar) with { IsVariadic = true }),
    ];

    private static OverloadedFunction Substring(string name) =>
        new(name, Category, "The part from a position on (negative: from the end), to the end or of a length.",
            [($"{name}('stream', 3)", "ream"), ($"{name}('stream', 3, 2)", "re"), ($"{name}('stream', -2)", "am")],
            Strict<SubstringKsql>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer) with { Rules = RuleSet.Ksql },
            Strict<SubstringKsql>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Integer) with { Rules = RuleSet.Ksql },
            Strict<SubstringPostgres>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer) with { Rules = RuleSet.Postgres },
            Strict<SubstringPostgres>(SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Integer) with { Rules = RuleSet.Postgres },
            Strict<SubstringKsql>(SqlType.Bytes, SqlType.Bytes, SqlType.Integer),
            Strict<SubstringKsql>(SqlType.Bytes, SqlType.Bytes, SqlType.Integer, SqlType.Integer));

    private readonly struct SubstringKsql : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var isText = call.Result.Type.Kind == SqlTypeKind.Varchar;
            var length = isText ? Utf8Characters.Count(text) : text.Length;
            var position = call.Int(1);
            var start = position < 0 ? Math.Max(0, length + position) : Math.Clamp(position - 1, 0, length);
            var end = call.Count > 2 ? (int)Math.Clamp((long)start + call.Int(2), start, length) : length;
            call.Return(isText ? Utf8Characters.Slice(text, start, end) : text[start..end]);
        }
    }

    /// <summary>Positions before the first character are there, but empty.</summary>
    private readonly struct SubstringPostgres : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var length = Utf8Characters.Count(text);
            var from = call.Int(1) - 1L;
            if (call.Count > 2 && call.Int(2) < 0)
            {
                call.Fail(Npgsql.PostgresErrorCodes.SubstringError, "negative substring length not allowed");
                return;
            }

            var end = call.Count > 2 ? Math.Clamp(from + call.Int(2), 0, length) : length;
            var start = Math.Clamp(from, 0, end);
            call.Return(Utf8Characters.Slice(text, (int)start, (int)end));
        }
    }

    private readonly struct Overlay : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var replacement = call.Text(1);
            var start = Utf8Characters.Offset(text, Math.Max(0, call.Int(2) - 1));
            var length = Math.Max(0, call.Count > 3 ? call.Int(3) : Utf8Characters.Count(replacement));
            var rest = text[(start + Utf8Characters.Offset(text[start..], length))..];
            var room = call.Room(start + replacement.Length + rest.Length);
            text[..start].CopyTo(room);
            replacement.CopyTo(room[start..]);
            rest.CopyTo(room[(start + replacement.Length)..]);
        }
    }

    private readonly struct Left : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var count = call.Int(1);
            call.Return(Utf8Characters.Slice(text, 0, count >= 0 ? count : Math.Max(0, Utf8Characters.Count(text) + count)));
        }
    }

    private readonly struct Right : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var length = Utf8Characters.Count(text);
            var start = call.Int(1) >= 0 ? Math.Max(0, length - call.Int(1)) : (int)Math.Min(length, -(long)call.Int(1));
            call.Return(Utf8Characters.Slice(text, start, length));
        }
    }

    private readonly struct InStr : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var position = call.Count > 2 ? call.Int(2) : 1;
            var occurrence = call.Count > 3 ? call.Int(3) : 1;
            var at = position == 0 || occurrence < 1 ? -1 : position > 0 ? Forwards(text, call.Text(1), position, occurrence)
                : Backwards(text, call.Text(1), position, occurrence);
            call.Return(at < 0 ? 0 : Utf8Characters.Count(text[..at]) + 1);
        }

        private static int Forwards(ReadOnlySpan<byte> text, ReadOnlySpan<byte> search, int position, int occurrence)
        {
            var start = Utf8Characters.Offset(text, position - 1);
            while (true)
            {
                var at = text[start..].IndexOf(search);
                if (at < 0 || (start == text.Length && search.Length > 0))
                    return -1;
                if (--occurrence == 0)
                    return start + at;
                start = Math.Min(text.Length, start + at + 1);
            }
        }

        /// <summary>The search goes to the left from so many characters before the end.</summary>
        private static int Backwards(ReadOnlySpan<byte> text, ReadOnlySpan<byte> search, int position, int occurrence)
        {
            var last = Utf8Characters.Count(text) + position;
            if (last < 0)
                return -1;
            var end = Math.Min(text.Length, Utf8Characters.Offset(text, last) + search.Length);
            while (true)
            {
                var at = text[..end].LastIndexOf(search);
                if (at < 0 || --occurrence == 0)
                    return at;
                end = at + search.Length - 1;
            }
        }
    }

    private readonly struct Position : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var at = call.Text(1).IndexOf(call.Text(0));
            call.Return(at < 0 ? 0 : Utf8Characters.Count(call.Text(1)[..at]) + 1);
        }
    }

    private readonly struct StartsWith : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Text(0).StartsWith(call.Text(1)));
    }

    private readonly struct Split : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var delimiter = call.Text(1);
            var array = (ArrayColumn)call.Result;
            var elements = (BytesColumn)array.Elements;
            var isText = elements.Type.Kind == SqlTypeKind.Varchar;
            var characters = delimiter.IsEmpty;
            var count = !characters ? text.Count(delimiter) + 1 : Math.Max(1, isText ? Utf8Characters.Count(text) : text.Length);
            var start = array.Allocate(call.Row, count);
            for (var i = 0; i < count; i++)
            {
                var end = i == count - 1 ? text.Length : !characters ? text.IndexOf(delimiter) : isText ? Utf8Characters.Length(text) : 1;
                elements.Set(start + i, text[..end]);
                if (i < count - 1)
                    text = text[(end + delimiter.Length)..];
            }
        }
    }

    /// <summary>PostgreSQL's: no delimiter cuts nothing, NULL cuts between all characters, an empty text has no parts.</summary>
    private readonly struct StringToArray : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.IsNull(0))
            {
                call.ReturnNull();
                return;
            }

            var text = call.Text(0);
            var delimiter = call.IsNull(1) ? default : call.Text(1);
            var characters = call.IsNull(1);
            var array = (ArrayColumn)call.Result;
            var count = text.IsEmpty ? 0 : characters ? Utf8Characters.Count(text) : delimiter.IsEmpty ? 1 : text.Count(delimiter) + 1;
            var start = array.Allocate(call.Row, count);
            for (var i = 0; i < count; i++)
            {
                var end = i == count - 1 ? text.Length : characters ? Utf8Characters.Length(text) : text.IndexOf(delimiter);
                ((BytesColumn)array.Elements).Set(start + i, text[..end]);
                if (i < count - 1)
                    text = text[(end + delimiter.Length)..];
            }
        }
    }

    private readonly struct SplitPart : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var delimiter = call.Text(1);
            var part = call.Int(2);
            var parts = delimiter.IsEmpty ? 1 : text.Count(delimiter) + 1;
            if (part < 0)
                part += parts + 1;
            if (part < 1 || part > parts)
            {
                call.Return(""u8);
                return;
            }

            for (; part > 1; part--, parts--)
                text = text[(text.IndexOf(delimiter) + delimiter.Length)..];
            call.Return(parts == 1 ? text : text[..text.IndexOf(delimiter)]);
        }
    }

    /// <summary>Empty entries and entries without a value are left out; of equal keys the last wins.</summary>
    private readonly struct SplitToMap : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var between = call.Text(1);
            var inside = call.Text(2);
            if (between.IsEmpty || inside.IsEmpty)
            {
                call.ReturnNull();
                return;
            }

            var map = (MapColumn)call.Result;
            var (keys, values) = ((BytesColumn)map.Keys, (BytesColumn)map.Values);
            var start = map.Allocate(call.Row, text.Count(between) + 1);
            var used = 0;
            for (var more = true; more;)
            {
                var end = text.IndexOf(between);
                more = end >= 0;
                var entry = more ? text[..end] : text;
                text = more ? text[(end + between.Length)..] : default;
                var middle = entry.IndexOf(inside);
                if (middle < 0)
                    continue;
                var value = entry[(middle + inside.Length)..];
                var second = value.IndexOf(inside);
                used += Put(keys, values, start, used, entry[..middle], second < 0 ? value : value[..second]);
            }

            map.Lengths[call.Row] = used;
        }

        private static int Put(BytesColumn keys, BytesColumn values, int start, int used, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            for (var i = start; i < start + used; i++)
            {
                if (!keys[i].SequenceEqual(key))
                    continue;
                values.Set(i, value);
                return 0;
            }

            keys.Set(start + used, key);
            values.Set(start + used, value);
            return 1;
        }
    }

    private readonly struct Field : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            for (var i = 1; !call.IsNull(0) && i < call.Count; i++)
            {
                if (call.IsNull(i) || !call.Text(i).SequenceEqual(call.Text(0)))
                    continue;
                call.Return(i);
                return;
            }

            call.Return(0);
        }
    }

    private readonly struct Elt : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.IsNull(0) || call.Int(0) < 1 || call.Int(0) >= call.Count || call.IsNull(call.Int(0)))
                call.ReturnNull();
            else
                call.ReturnArgument(call.Int(0));
        }
    }
}

using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Functions.Strings;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary><c>||</c>, [NOT] LIKE, [NOT] ILIKE, and PostgreSQL's regular expression operators <c>~ ~* !~ !~*</c>.</summary>
internal static class TextOperators
{
    private const string Category = "Operator";

    public static IEnumerable<ScalarFunction> All() =>
    [
        new ComputedFunction("||", Category, "Joins texts or bytes. Under PostgreSQL's rules one side may be of another type.",
            ["VARCHAR || VARCHAR -> VARCHAR", "BYTES || BYTES -> BYTES"], [("'a' || 'b'", "ab")], BindConcat),
        Like("LIKE", "Whether a text matches a pattern: % any text, _ one character.", ignoreCase: false, negate: false,
            [("'abc' LIKE 'a%'", "true"), ("'abc' LIKE '_b'", "false")]),
        Like("NOT LIKE", "Whether a text does not match a pattern.", ignoreCase: false, negate: true, [("'abc' NOT LIKE 'a%'", "false")]),
        Like("ILIKE", "LIKE, letters in any case.", ignoreCase: true, negate: false, [("'ABC' ILIKE 'a%'", "true")]),
        Like("NOT ILIKE", "NOT LIKE, letters in any case.", ignoreCase: true, negate: true, [("'ABC' NOT ILIKE 'a%'", "false")]),
        Matching("~", "Whether a regular expression matches somewhere.", PatternFlags.None, negate: false, [("'abc' ~ '^a'", "true")]),
        Matching("~*", "As ~, letters in any case.", PatternFlags.IgnoresCase, negate: false, [("'ABC' ~* '^a'", "true")]),
        Matching("!~", "Whether a regular expression matches nowhere.", PatternFlags.None, negate: true, [("'abc' !~ '^a'", "false")]),
        Matching("!~*", "As !~, letters in any case.", PatternFlags.IgnoresCase, negate: true, [("'ABC' !~* '^a'", "false")]),
        new OverloadedFunction("TEXT_TO_MILLIS", "Date and time",
            "An instant's text as BIGINT milliseconds; used where ROWTIME, WINDOWSTART or WINDOWEND is compared with a text.",
            [("TEXT_TO_MILLIS('2001-01-01')", "978307200000")],
            new Overload([SqlType.Varchar], SqlType.BigInt, static () => new Casting.ParseKernel<long, Casting.TimestampParser>())),
    ];

    private static OverloadedFunction Like(string name, string description, bool ignoreCase, bool negate, (string, string)[] examples) =>
        new(name, Category, description, examples,
            new Overload([SqlType.Varchar, SqlType.Varchar], SqlType.Boolean, () => new LikeKernel(""u8.ToArray(), ignoreCase, negate))
                { Rules = RuleSet.Ksql },
            new Overload([SqlType.Varchar, SqlType.Varchar], SqlType.Boolean, () => new LikeKernel(@"\"u8.ToArray(), ignoreCase, negate))
                { Rules = RuleSet.Postgres },
            new Overload([SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], SqlType.Boolean,
                () => new LikeKernel([], ignoreCase, negate)));

    private static OverloadedFunction Matching(string name, string description, PatternFlags flags, bool negate,
        (string, string)[] examples) =>
        new(name, Category, description, examples,
            new Overload([SqlType.Varchar, SqlType.Varchar], SqlType.Boolean, () => new RegexKernel(flags, negate)));

    private static ScalarBinding? BindConcat(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        // jsonb beside jsonb, or beside a constant without a type, is an operator of its own.
        if (arguments.Count != 2 || (arguments.Any(static a => a.Kind == SqlTypeKind.Jsonb)
            && arguments.All(static a => a.Kind is SqlTypeKind.Jsonb or SqlTypeKind.Unknown)))
            return null;
        var (left, right) = (arguments[0], arguments[1]);
        if (left.Kind == SqlTypeKind.Bytes && right.Kind == SqlTypeKind.Bytes)
            return new([SqlType.Bytes, SqlType.Bytes], SqlType.Bytes, new ConcatKernel());
        if (left.Kind == SqlTypeKind.Array && left.Equals(right))
            return new([left, right], left, new Nested.ArrayConcatKernel());
        var leftText = TypeCoercion.IsText(left);
        var rightText = TypeCoercion.IsText(right);
        var fits = rules == RuleSet.Ksql ? leftText && rightText : (leftText && !right.IsNested) || (rightText && !left.IsNested);
        return fits ? new([SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, new ConcatKernel()) : null;
    }
}

/// <summary>Two texts or byte strings, one after the other; null in, null out.</summary>
internal sealed class ConcatKernel : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var left = (BytesColumn)arguments[0];
        var right = (BytesColumn)arguments[1];
        var target = (BytesColumn)result;
        foreach (var row in context.Rows)
        {
            var first = left[row];
            var second = right[row];
            var room = target.Allocate(row, first.Length + second.Length);
            first.CopyTo(room);
            second.CopyTo(room[first.Length..]);
        }
    }
}

/// <summary>LIKE. With three arguments the third is the escape character.</summary>
internal sealed class LikeKernel(byte[] defaultEscape, bool ignoreCase, bool negate) : StrictKernel
{
    private readonly CompiledCache<LikePattern> _patterns = new();

    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var patterns = (BytesColumn)arguments[1];
        var escapes = arguments.Length > 2 ? (BytesColumn)arguments[2] : null;
        var target = ((FixedColumn<byte>)result).Values;
        LikePattern? pattern = null;
        var isConstant = patterns.IsConstant && escapes is not { IsConstant: false };
        foreach (var row in context.Rows)
        {
            if (pattern is null || !isConstant)
                pattern = Compile(patterns[row], escapes is null ? defaultEscape : escapes[row]);
            if (pattern is not null)
            {
                target[row] = (byte)(pattern.Matches(texts[row]) != negate ? 1 : 0);
                continue;
            }

            context.Errors.Report(row, PostgresErrorCodes.InvalidEscapeSequence, "LIKE pattern must not end with escape character");
            result.SetNull(row);
        }
    }

    private LikePattern? Compile(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> escape)
    {
        if (escape.SequenceEqual(defaultEscape))
            return _patterns.Get(pattern, text => LikePattern.TryCompile(text, defaultEscape, ignoreCase));
        return LikePattern.TryCompile(pattern, escape, ignoreCase);
    }
}

/// <summary>Whether a regular expression matches.</summary>
internal sealed class RegexKernel(PatternFlags flags, bool negate) : StrictKernel
{
    private readonly CompiledCache<Regex> _patterns = new();

    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var patterns = (BytesColumn)arguments[1];
        var target = ((FixedColumn<byte>)result).Values;
        foreach (var row in context.Rows)
        {
            if (_patterns.Get(patterns[row], pattern => PostgresPatterns.TryCompile(pattern, flags)) is { } regex)
            {
                if (Matches(regex, texts[row]) is { } matches)
                {
                    target[row] = (byte)(matches != negate ? 1 : 0);
                    continue;
                }

                context.Errors.Report(row, PostgresErrorCodes.InvalidRegularExpression, PostgresPatterns.TooComplex);
                result.SetNull(row);
                continue;
            }

            context.Errors.Report(row, PostgresErrorCodes.InvalidRegularExpression,
                context.Errors.WantsMessage ? TextPatterns.Explain(patterns[row]) : "");
            result.SetNull(row);
        }
    }

    // Null where backtracking takes too long.
    private static bool? Matches(Regex regex, ReadOnlySpan<byte> text)
    {
        try
        {
            return regex.IsMatch(Utf16.Decode(text));
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }
}

/// <summary>UTF-8 as UTF-16 for interfaces that take only that, in a buffer of this thread.</summary>
internal static class Utf16
{
    [ThreadStatic]
    private static char[]? t_scratch;

    /// <summary>Decodes; the span is valid until the next call on this thread.</summary>
    public static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> text)
    {
        if (t_scratch is null || t_scratch.Length < text.Length)
            t_scratch = new char[Math.Max(256, text.Length)];
        return t_scratch.AsSpan(0, Encoding.UTF8.GetChars(text, t_scratch));
    }
}

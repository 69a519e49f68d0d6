using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>PostgreSQL's functions of regular expressions.</summary>
internal static class PostgresRegexFunctions
{
    private static readonly SqlType Text = SqlType.Varchar;
    private static readonly SqlType Number = SqlType.Integer;
    private static readonly SqlType Texts = SqlType.ArrayOf(SqlType.Varchar);

    public static IEnumerable<ScalarFunction> All() =>
    [
        Of("REGEXP_LIKE", "Whether a pattern matches somewhere.", SqlType.Boolean, [new(2, -1), new(3, 2)], [Text, Text, Text],
            static (in RowCall call, Regex regex, string text) => call.Return(regex.IsMatch(text))),
        Of("REGEXP_COUNT", "How often a pattern matches, from a place on.", Number, [new(2, -1), new(3, -1), new(4, 3)],
            [Text, Text, Number, Text],
            static (in RowCall call, Regex regex, string text) =>
            {
                if (Start(call, 2, text) is { } start)
                    call.Return(Found(regex, text, start).Count());
            }),
        Of("REGEXP_INSTR", "Where the n-th match from a place on starts (or, asked so, ends), or a group of it; 0 where there is none.",
            Number,
            [new(2, -1), new(3, -1), new(4, -1), new(5, -1), new(6, 5), new(7, 5)], [Text, Text, Number, Number, Number, Text, Number],
            static (in RowCall call, Regex regex, string text) =>
            {
                if (call.Count > 4 && call.Int(4) is not (0 or 1))
                    call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid value for parameter \"endoption\": {call.Int(4)}");
                else if (Nth(call, 2, 6, regex, text) is { } found)
                    call.Return(found.Success ? CodePoints(text, found.Index + (call.Count > 4 && call.Int(4) == 1 ? found.Length : 0))
                        + 1 : 0);
            }),
        Of("REGEXP_SUBSTR", "The n-th match from a place on, or a group of it.", Text,
            [new(2, -1), new(3, -1), new(4, -1), new(5, 4), new(6, 4)], [Text, Text, Number, Number, Text, Number],
            static (in RowCall call, Regex regex, string text) =>
            {
                if (Nth(call, 2, 5, regex, text) is { } found)
                    ReturnGroup(call, found);
            }),
        Of("SUBSTRING", "The first match of a pattern, or its first group.", Text, [new(2, -1)], [Text, Text],
            static (in RowCall call, Regex regex, string text) =>
            {
                var match = regex.Match(text);
                ReturnGroup(call, match.Groups.Count > 1 ? match.Groups[1] : match);
            }),
        Of("REGEXP_MATCH", "The groups of the first match, or all of it where the pattern has none.", Texts, [new(2, -1), new(3, 2)],
            [Text, Text, Text],
            static (in RowCall call, Regex regex, string text) =>
            {
                if (regex.Match(text) is { Success: true } match)
                    Set((ArrayColumn)call.Result, call.Row, match);
                else
                    call.ReturnNull();
            }),
        Of("REGEXP_REPLACE", "The first match replaced, with the flag g every one; or from a place on the n-th, for 0 every one.", Text,
            [new(3, -1), new(4, 3)], [Text, Text, Text, Text],
            static (in RowCall call, Regex regex, string text) =>
                Replace(call, regex, text, 0, call.Count > 3 && call.Text(3).Contains((byte)'g') ? 0 : 1)),
        Of("REGEXP_REPLACE", "The first match replaced, with the flag g every one; or from a place on the n-th, for 0 every one.", Text,
            [new(4, -1), new(5, -1), new(6, 5)], [Text, Text, Text, Number, Number, Text],
            static (in RowCall call, Regex regex, string text) =>
            {
                if (Start(call, 3, text) is { } start)
                    Replace(call, regex, text, start, call.Count > 4 ? call.Int(4) : call.Count > 5
                        && call.Text(5).Contains((byte)'g') ? 0 : 1);
            }),
        SplitToArray,
    ];

    /// <summary>regexp_split_to_array, which regexp_split_to_table takes its rows from.</summary>
    public static ScalarFunction SplitToArray { get; } = Split("REGEXP_SPLIT_TO_ARRAY");

    /// <summary>What regexp_split_to_table takes its rows from.</summary>
    public static ScalarFunction SplitToTable { get; } = Split("REGEXP_SPLIT_TO_TABLE");

    private static PostgresFunction Split(string name) => Of(
        name, "The parts of a text between matches.", Texts, [new(2, -1), new(3, 2)], [Text, Text, Text],
        static (in RowCall call, Regex regex, string text) => SetParts((ArrayColumn)call.Result, call.Row, Parts(regex, text)));

    /// <summary>regexp_matches as a list: the groups of the first match, or with the flag g of each.</summary>
    public static ScalarFunction Matches { get; } = Of("REGEXP_MATCHES", "The groups of a match; with the flag g a row for each match.",
        SqlType.ArrayOf(Texts), [new(2, -1), new(3, 2)], [Text, Text, Text],
        static (in RowCall call, Regex regex, string text) =>
        {
            var matches = Found(regex, text, 0).Take(call.Count > 2 && call.Text(2).Contains((byte)'g') ? int.MaxValue : 1).ToList();
            var rows = (ArrayColumn)call.Result;
            var at = rows.Allocate(call.Row, matches.Count);
            foreach (var match in matches)
                Set((ArrayColumn)rows.Elements, at++, match);
        });

    private delegate void RegexBody(in RowCall call, Regex regex, string text);

    /// <summary>A number of arguments that a function takes, and which of them has the flags; -1 for none.</summary>
    private readonly record struct Form(int Arguments, int Flags);

    private static PostgresFunction Of(string name, string description, SqlType result, Form[] forms, SqlType[] parameters,
        RegexBody body) => new(
            name, "Regular expression", description,
            [.. forms.Select(one => FunctionDocs.Signature(name.ToLowerInvariant(), parameters[..one.Arguments], false, result))],
            types => forms.FirstOrDefault(candidate => candidate.Arguments == types.Count) is { Arguments: > 0 } form
                && types.Zip(parameters).All(static pair => TypeCoercion.CanImplicitlyCast(pair.First, pair.Second, RuleSet.Postgres))
                && !(types.Count == 4 && parameters[3].Kind == SqlTypeKind.Integer && name == "REGEXP_REPLACE"
                    && types[3].Kind == SqlTypeKind.Unknown)
                ? new([.. parameters.Take(types.Count)], result,
                    new Kernel(form.Flags, WithoutGlobal.Contains(name) ? name.ToLowerInvariant() : null, body))
                : null);

    // With the flag g these would have to give more than one result.
    private static readonly HashSet<string> WithoutGlobal =
        ["REGEXP_LIKE", "REGEXP_COUNT", "REGEXP_INSTR", "REGEXP_SUBSTR", "REGEXP_MATCH", "REGEXP_SPLIT_TO_ARRAY", "REGEXP_SPLIT_TO_TABLE"];

    // The place in UTF-16; null where the argument is no place, which is reported.
    private static int? Start(in RowCall call, int index, string text)
    {
        if (call.Count <= index)
            return 0;
        if (IsPositive(call, index, "start"))
            return Place(text, call.Int(index) - 1);
        return null;
    }

    private static bool IsPositive(in RowCall call, int index, string name)
    {
        if (call.Count <= index || call.Int(index) > 0)
            return true;
        call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid value for parameter \"{name}\": {call.Int(index)}");
        return false;
    }

    private static int Place(string text, int codePoints)
    {
        var at = 0;
        for (; codePoints > 0 && at < text.Length; codePoints--)
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        return at;
    }

    private static int CodePoints(string text, int length)
    {
        var count = 0;
        for (var i = 0; i < length; i++)
            count += char.IsLowSurrogate(text[i]) ? 0 : 1;
        return count;
    }

    // The n-th match from a place on, or its group; null where an argument is wrong, which is reported.
    private static Group? Nth(in RowCall call, int startIndex, int groupIndex, Regex regex, string text)
    {
        if (Start(call, startIndex, text) is not { } start || !IsPositive(call, startIndex + 1, "n"))
            return null;
        if (call.Count > groupIndex && call.Int(groupIndex) < 0)
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid value for parameter \"subexpr\": {call.Int(groupIndex)}");
            return null;
        }

        var n = call.Count > startIndex + 1 ? call.Int(startIndex + 1) : 1;
        var match = Found(regex, text, start).Skip(n - 1).FirstOrDefault() ?? Match.Empty;
        var group = call.Count > groupIndex ? call.Int(groupIndex) : 0;
        return group < match.Groups.Count ? match.Groups[group] : Match.Empty;
    }

    // An empty match between the halves of a character is none.
    private static IEnumerable<Match> Found(Regex regex, string text, int start)
    {
        for (var match = regex.Match(text, start); match.Success; match = match.NextMatch())
        {
            if (match.Length > 0 || match.Index == text.Length || !char.IsLowSurrogate(text[match.Index]))
                yield return match;
        }
    }

    private static void ReturnGroup(in RowCall call, Group group)
    {
        if (group.Success)
            call.Return(Encoding.UTF8.GetBytes(group.Value));
        else
            call.ReturnNull();
    }

    private static void Replace(in RowCall call, Regex regex, string text, int start, int n)
    {
        if (n < 0)
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid value for parameter \"n\": {n}");
            return;
        }

        var replacement = PostgresRegex.Replacement(Encoding.UTF8.GetString(call.Text(2)));
        var (result, at, number) = (new StringBuilder(text.Length), 0, 0);
        foreach (var match in Found(regex, text, start))
        {
            if (++number != n && n > 0)
                continue;
            result.Append(text, at, match.Index - at).Append(match.Result(replacement));
            at = match.Index + match.Length;
            if (n > 0)
                break;
        }

        call.Return(Encoding.UTF8.GetBytes(result.Append(text, at, text.Length - at).ToString()));
    }

    // An empty match at either end of the text, or just behind another match, cuts nothing off.
    private static List<string?> Parts(Regex regex, string text)
    {
        var (parts, start, before) = (new List<string?>(), 0, 0);
        foreach (var match in Found(regex, text, 0))
        {
            var end = match.Index + match.Length;
            if (match.Index < text.Length && end > before)
            {
                parts.Add(text[start..match.Index]);
                start = end;
            }

            before = end;
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static void SetParts(ArrayColumn result, int row, List<string?> parts)
    {
        var at = result.Allocate(row, parts.Count);
        foreach (var part in parts)
            ((BytesColumn)result.Elements).Set(at++, Encoding.UTF8.GetBytes(part!));
    }

    private static void Set(ArrayColumn column, int row, Match match)
    {
        var groups = match.Groups.Count == 1 ? [match.Groups[0]] : match.Groups.Values.Skip(1).ToArray();
        var at = column.Allocate(row, groups.Length);
        foreach (var group in groups)
        {
            if (group.Success)
                ((BytesColumn)column.Elements).Set(at++, Encoding.UTF8.GetBytes(group.Value));
            else
                column.Elements.SetNull(at++);
        }
    }

    private sealed class Kernel(int flags, string? globalRefusal, RegexBody body) : StrictKernel
    {
        private readonly CompiledCache<Regex> _plain = new();
        private readonly CompiledCache<CompiledCache<Regex>> _flagged = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            foreach (var row in context.Rows)
            {
                var call = new RowCall(context, arguments, result, row);
                if (Compile(call) is not { } regex)
                    continue;
                try
                {
                    body(call, regex, Encoding.UTF8.GetString(call.Text(0)));
                }
                catch (RegexMatchTimeoutException)
                {
                    call.Fail(PostgresErrorCodes.InvalidRegularExpression, PostgresPatterns.TooComplex);
                }
            }
        }

        private Regex? Compile(in RowCall call)
        {
            if (flags < 0 || call.Count <= flags || call.Text(flags).IsEmpty)
                return Found(call, _plain.Get(call.Text(1), PostgresPatterns.TryCompile));
            var letters = Encoding.UTF8.GetString(call.Text(flags));
            var (set, unknown) = PostgresPatterns.Read(letters);
            if (unknown is { } letter)
            {
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"invalid regular expression option: \"{letter}\"");
                return null;
            }

            if (globalRefusal is not null && letters.Contains('g', StringComparison.Ordinal))
            {
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"{globalRefusal}() does not support the \"global\" option");
                return null;
            }

            var patterns = _flagged.Get(call.Text(flags), static _ => new CompiledCache<Regex>())!;
            return Found(call, patterns.Get(call.Text(1), pattern => PostgresPatterns.TryCompile(pattern, set)));
        }

        private static Regex? Found(in RowCall call, Regex? regex)
        {
            if (regex is null)
                call.Fail(PostgresErrorCodes.InvalidRegularExpression, TextPatterns.Explain(call.Text(1)));
            return regex;
        }
    }
}

using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>Functions of regular expressions, on the automaton engine: no look-around, no back-references, time linear in the text.</summary>
internal static class RegexFunctions
{
    private const string Category = "Regular expression";

    private enum Kind
    {
        Extract,
        ExtractAll,
        Replace,
        ReplaceFirst,
        Split,
        SplitPostgres,
    }

    public static IEnumerable<ScalarFunction> All() =>
    [
        new OverloadedFunction("REGEXP_EXTRACT", Category, "The first match in the text (the second argument), or a group of it; NULL where there is none.",
            [("REGEXP_EXTRACT('test.', 'some_test_string')", "test_"), ("REGEXP_EXTRACT('(.*) (.*)', 'a b', 2)", "b")],
            Define(Kind.Extract, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar), Define(Kind.Extract, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        new OverloadedFunction("REGEXP_EXTRACT_ALL", Category, "All matches in the text (the second argument), or a group of each.", [("REGEXP_EXTRACT_ALL('\\w+', 'a bc')", "[a, bc]")],
            Define(Kind.ExtractAll, SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar), Define(Kind.ExtractAll, SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        new OverloadedFunction("REGEXP_REPLACE", Category, "Every match of the pattern (the second argument) replaced; under PostgreSQL's rules the first unless the flags have a g.", [("REGEXP_REPLACE('baababaa', '(ab)+', 'cat')", "bacataa")],
            Define(Kind.Replace, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Ksql },
            Define(Kind.ReplaceFirst, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Postgres },
            Define(Kind.ReplaceFirst, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Postgres }),
        new OverloadedFunction("REGEXP_SPLIT_TO_ARRAY", Category, "The parts of a text between matches.", [("REGEXP_SPLIT_TO_ARRAY('aabdcda', '(ab|cd)')", "[a, d, a]")],
            Define(Kind.Split, SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Ksql },
            Define(Kind.SplitPostgres, SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Postgres }),
    ];

    private static Overload Define(Kind kind, SqlType result, params SqlType[] parameters) => new(parameters, result, () => new RegexFunctionKernel(kind));

    private sealed class RegexFunctionKernel(Kind kind) : StrictKernel
    {
        private readonly CompiledCache<Regex> _patterns = new();
        private readonly bool _isPostgres = kind is Kind.ReplaceFirst or Kind.SplitPostgres;

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var patternFirst = kind is Kind.Extract or Kind.ExtractAll;
            var texts = (BytesColumn)arguments[patternFirst ? 1 : 0];
            var patterns = (BytesColumn)arguments[patternFirst ? 0 : 1];
            foreach (var row in context.Rows)
            {
                if (_patterns.Get(patterns[row], _isPostgres ? TextPatterns.TryCompilePostgres : TextPatterns.TryCompile) is { } regex)
                {
                    Apply(regex, Encoding.UTF8.GetString(texts[row]), arguments, result, row);
                    continue;
                }

                context.Errors.Report(row, PostgresErrorCodes.InvalidRegularExpression,
                    context.Errors.WantsMessage ? $"invalid regular expression: \"{Encoding.UTF8.GetString(patterns[row])}\"" : "");
                result.SetNull(row);
            }
        }

        private static void SetOrNull(Column result, int row, Group? group)
        {
            if (group is { Success: true })
                ((BytesColumn)result).Set(row, Encoding.UTF8.GetBytes(group.Value));
            else
                result.SetNull(row);
        }

        private static void SetArray(ArrayColumn result, int row, List<string?> values)
        {
            var at = result.Allocate(row, values.Count);
            foreach (var value in values)
            {
                if (value is null)
                    result.Elements.SetNull(at++);
                else
                    ((BytesColumn)result.Elements).Set(at++, Encoding.UTF8.GetBytes(value));
            }
        }

        private static List<string?> Parts(Regex regex, string text)
        {
            var parts = new List<string?>();
            var start = 0;
            foreach (var match in regex.EnumerateMatches(text))
            {
                // An empty match at the very start or end cuts nothing off.
                if (match.Length == 0 && (match.Index == 0 || match.Index == text.Length || char.IsLowSurrogate(text[match.Index])))
                    continue;
                parts.Add(text[start..match.Index]);
                start = match.Index + match.Length;
            }

            parts.Add(text[start..]);
            return parts;
        }

        /// <summary>An empty match between the halves of a character is none.</summary>
        private static string Replace(Regex regex, string text, string replacement, bool all) => regex.IsMatch("")
            ? regex.Replace(text, match => match.Length == 0 && match.Index < text.Length && char.IsLowSurrogate(text[match.Index]) ? "" : match.Result(replacement), all ? -1 : 1)
            : regex.Replace(text, replacement, all ? -1 : 1);

        private void Apply(Regex regex, string text, ReadOnlySpan<Column> arguments, Column result, int row)
        {
            var group = kind is Kind.Extract or Kind.ExtractAll && arguments.Length > 2 ? ((FixedColumn<int>)arguments[2])[row] : 0;
            switch (kind)
            {
                case Kind.Extract:
                    var match = regex.Match(text);
                    SetOrNull(result, row, match.Success && group >= 0 && group < match.Groups.Count ? match.Groups[group] : null);
                    break;
                case Kind.ExtractAll:
                    SetArray((ArrayColumn)result, row, [.. regex.Matches(text).Select(m => group >= 0 && group < m.Groups.Count && m.Groups[group].Success ? m.Groups[group].Value : null)]);
                    break;
                case Kind.Split or Kind.SplitPostgres:
                    SetArray((ArrayColumn)result, row, Parts(regex, text));
                    break;
                default:
                    var replacement = Encoding.UTF8.GetString(((BytesColumn)arguments[2])[row]);
                    var all = kind == Kind.Replace || (arguments.Length > 3 && ((BytesColumn)arguments[3])[row].Contains((byte)'g'));
                    ((BytesColumn)result).Set(row, Encoding.UTF8.GetBytes(Replace(regex, text, _isPostgres ? PostgresRegex.Replacement(replacement) : replacement, all)));
                    break;
            }
        }
    }
}

/// <summary>Compiles regular expressions.</summary>
internal static class TextPatterns
{
    /// <summary>Null for a malformed pattern, and for one that needs backtracking.</summary>
    public static Regex? TryCompile(ReadOnlySpan<byte> pattern) => TryCompile(Encoding.UTF8.GetString(pattern), RegexOptions.None);

    /// <summary>The same for a pattern of PostgreSQL's kind.</summary>
    public static Regex? TryCompilePostgres(ReadOnlySpan<byte> pattern) => TryCompilePostgres(pattern, RegexOptions.None);

    /// <summary>The same with options; a dot is any character, a line's end too.</summary>
    public static Regex? TryCompilePostgres(ReadOnlySpan<byte> pattern, RegexOptions options) =>
        TryCompile(PostgresRegex.Pattern(Encoding.UTF8.GetString(pattern)), options | RegexOptions.Singleline);

    private static Regex? TryCompile(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}

using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>
/// Functions of regular expressions, on the automaton engine: no look-around, no back-references, time linear in the text.
/// </summary>
internal static class RegexFunctions
{
    private const string Category = "Regular expression";

    private enum Kind
    {
        Extract,
        ExtractAll,
        Replace,
        Split,
    }

    public static IEnumerable<ScalarFunction> All() =>
    [
        new OverloadedFunction("REGEXP_EXTRACT", Category,
            "The first match in the text (the second argument), or a group of it; NULL where there is none.",
            [("REGEXP_EXTRACT('test.', 'some_test_string')", "test_"), ("REGEXP_EXTRACT('(.*) (.*)', 'a b', 2)", "b")],
            Define(Kind.Extract, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar),
            Define(Kind.Extract, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        new OverloadedFunction("REGEXP_EXTRACT_ALL", Category, "All matches in the text (the second argument), or a group of each.",
            [("REGEXP_EXTRACT_ALL('\\w+', 'a bc')", "[a, bc]")],
            Define(Kind.ExtractAll, SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar),
            Define(Kind.ExtractAll, SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar, SqlType.Integer)),
        new OverloadedFunction("REGEXP_REPLACE", Category,
            "Every match of the pattern (the second argument) replaced; under PostgreSQL's rules another function of that name.",
            [("REGEXP_REPLACE('baababaa', '(ab)+', 'cat')", "bacataa")],
            Define(Kind.Replace, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Ksql }),
        new OverloadedFunction("REGEXP_SPLIT_TO_ARRAY", Category, "The parts of a text between matches.",
            [("REGEXP_SPLIT_TO_ARRAY('aabdcda', '(ab|cd)')", "[a, d, a]")],
            Define(Kind.Split, SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar, SqlType.Varchar) with { Rules = RuleSet.Ksql }),
    ];

    private static Overload Define(Kind kind, SqlType result, params SqlType[] parameters) =>
        new(parameters, result, () => new RegexFunctionKernel(kind));

    /// <summary>The parts of a text between matches.</summary>
    public static List<string?> Parts(Regex regex, string text)
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

    private sealed class RegexFunctionKernel(Kind kind) : StrictKernel
    {
        private readonly CompiledCache<Regex> _patterns = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var patternFirst = kind is Kind.Extract or Kind.ExtractAll;
            var texts = (BytesColumn)arguments[patternFirst ? 1 : 0];
            var patterns = (BytesColumn)arguments[patternFirst ? 0 : 1];
            foreach (var row in context.Rows)
            {
                if (_patterns.Get(patterns[row], TextPatterns.TryCompile) is { } regex)
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

        /// <summary>An empty match between the halves of a character is none.</summary>
        private static string Replace(Regex regex, string text, string replacement) => regex.IsMatch("")
            ? regex.Replace(text, match => match.Length == 0 && match.Index < text.Length
                && char.IsLowSurrogate(text[match.Index]) ? "" : match.Result(replacement))
            : regex.Replace(text, replacement);

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
                    SetArray((ArrayColumn)result, row,
                        [.. regex.Matches(text)
                            .Select(m => group >= 0 && group < m.Groups.Count && m.Groups[group].Success ? m.Groups[group].Value : null)]);
                    break;
                case Kind.Split:
                    SetArray((ArrayColumn)result, row, Parts(regex, text));
                    break;
                default:
                    var replacement = Encoding.UTF8.GetString(((BytesColumn)arguments[2])[row]);
                    ((BytesColumn)result).Set(row, Encoding.UTF8.GetBytes(Replace(regex, text, replacement)));
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

    /// <summary>Why a pattern of PostgreSQL's kind does not compile, in its words.</summary>
    public static string Explain(ReadOnlySpan<byte> pattern)
    {
        var text = Encoding.UTF8.GetString(pattern);
        try
        {
            _ = PostgresPatterns.Compile(text, PatternFlags.None);
            return $"invalid regular expression: {text}";
        }
        catch (RegexParseException e)
        {
            return "invalid regular expression: " + e.Error switch
            {
                RegexParseError.InsufficientClosingParentheses or RegexParseError.InsufficientOpeningParentheses =>
                    "parentheses () not balanced",
                RegexParseError.UnterminatedBracket => "brackets [] not balanced",
                RegexParseError.NestedQuantifiersNotParenthesized or RegexParseError.QuantifierAfterNothing => "quantifier operand invalid",
                RegexParseError.ReversedCharacterRange => "invalid character range",
                RegexParseError.ReversedQuantifierRange or RegexParseError.QuantifierOrCaptureGroupOutOfRange =>
                    "invalid repetition count(s)",
                RegexParseError.UnescapedEndingBackslash or RegexParseError.UnrecognizedEscape => "invalid escape \\ sequence",
                _ => text,
            };
        }
    }

    /// <summary>Null for a malformed pattern of .NET's, and for one that needs backtracking.</summary>
    public static Regex? TryCompile(string pattern, RegexOptions options)
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

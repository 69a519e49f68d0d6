using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>PostgreSQL's functions of regular expressions, on the automaton engine, so that no pattern takes more than time linear in the text.</summary>
internal static class PostgresRegexFunctions
{
    private static readonly SqlType Texts = SqlType.ArrayOf(SqlType.Varchar);

    public static IEnumerable<ScalarFunction> All() =>
    [
        Of("REGEXP_LIKE", "Whether a pattern matches somewhere.", SqlType.Boolean, 2, [SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], 2,
            static (in RowCall call, Regex regex, string text) => call.Return(regex.IsMatch(text))),
        Of("REGEXP_COUNT", "How often a pattern matches, from a place on.", SqlType.Integer, 2, [SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Varchar], 3,
            static (in RowCall call, Regex regex, string text) => call.Return(regex.Count(text, Start(call, 2, text)))),
        Of("REGEXP_INSTR", "Where the n-th match starts, from a place on; 0 where there is none.", SqlType.Integer, 2, [SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Integer], -1,
            static (in RowCall call, Regex regex, string text) => call.Return(Nth(call, regex, text) is { } match ? match.Index + 1 : 0)),
        Of("REGEXP_SUBSTR", "The n-th match, from a place on.", SqlType.Varchar, 2, [SqlType.Varchar, SqlType.Varchar, SqlType.Integer, SqlType.Integer], -1,
            static (in RowCall call, Regex regex, string text) =>
            {
                if (Nth(call, regex, text) is { } match)
                    call.Return(Encoding.UTF8.GetBytes(match.Value));
                else
                    call.ReturnNull();
            }),
        Of("REGEXP_MATCH", "The groups of the first match, or all of it where the pattern has none.", Texts, 2, [SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], 2,
            static (in RowCall call, Regex regex, string text) =>
            {
                if (regex.Match(text) is { Success: true } match)
                    Set((ArrayColumn)call.Result, call.Row, match);
                else
                    call.ReturnNull();
            }),
    ];

    /// <summary>regexp_matches as a list: the groups of the first match, or with the flag g of each.</summary>
    public static ScalarFunction Matches { get; } = Of("REGEXP_MATCHES", "The groups of a match; with the flag g a row for each match.", SqlType.ArrayOf(Texts), 2, [SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], 2,
        static (in RowCall call, Regex regex, string text) =>
        {
            var matches = regex.Matches(text).Take(call.Count > 2 && call.Text(2).Contains((byte)'g') ? int.MaxValue : 1).ToList();
            var rows = (ArrayColumn)call.Result;
            var at = rows.Allocate(call.Row, matches.Count);
            foreach (var match in matches)
                Set((ArrayColumn)rows.Elements, at++, match);
        });

    private delegate void RegexBody(in RowCall call, Regex regex, string text);

    private static PostgresFunction Of(string name, string description, SqlType result, int required, SqlType[] parameters, int flags, RegexBody body) => new(
        name, "Regular expression", description, [$"{name.ToLowerInvariant()}({string.Join(", ", parameters.AsEnumerable())}) -> {result}"],
        types => types.Count >= required && types.Count <= parameters.Length
            && types.Zip(parameters).All(static pair => TypeCoercion.CanImplicitlyCast(pair.First, pair.Second, RuleSet.Postgres))
            ? new([.. parameters.Take(types.Count)], result, new Kernel(flags, body))
            : null);

    private static int Start(in RowCall call, int index, string text) => call.Count > index ? Math.Clamp(call.Int(index) - 1, 0, text.Length) : 0;

    private static Match? Nth(in RowCall call, Regex regex, string text)
    {
        var match = regex.Match(text, Start(call, 2, text));
        for (var n = call.Count > 3 ? call.Int(3) : 1; n > 1 && match.Success; n--)
            match = match.NextMatch();
        return match.Success ? match : null;
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

    private sealed class Kernel(int flags, RegexBody body) : StrictKernel
    {
        private readonly CompiledCache<Regex> _sensitive = new();
        private readonly CompiledCache<Regex> _insensitive = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            foreach (var row in context.Rows)
            {
                var call = new RowCall(context, arguments, result, row);
                var ignoresCase = flags >= 0 && call.Count > flags && call.Text(flags).Contains((byte)'i');
                var regex = ignoresCase
                    ? _insensitive.Get(call.Text(1), static pattern => TextPatterns.TryCompilePostgres(pattern, RegexOptions.IgnoreCase))
                    : _sensitive.Get(call.Text(1), TextPatterns.TryCompilePostgres);
                if (regex is null)
                    call.Fail(PostgresErrorCodes.InvalidRegularExpression, $"invalid regular expression: \"{Encoding.UTF8.GetString(call.Text(1))}\"");
                else
                    body(call, regex, Encoding.UTF8.GetString(call.Text(0)));
            }
        }
    }
}

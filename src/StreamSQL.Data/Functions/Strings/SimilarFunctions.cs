using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>[NOT] SIMILAR TO, and SUBSTRING with a pattern of that kind.</summary>
internal static class SimilarFunctions
{
    public static IEnumerable<ScalarFunction> All() =>
    [
        Similar("SIMILAR TO", "Whether a text matches a pattern of SQL.", negate: false),
        Similar("NOT SIMILAR TO", "Whether a text does not match a pattern of SQL.", negate: true),
        new PostgresFunction("SUBSTRING", "String", "The part of a text between the separators of a pattern of SQL.",
            ["substring(VARCHAR, VARCHAR, VARCHAR) -> VARCHAR"],
            static types => types.Count == 3 && types.All(IsText)
                ? new([SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], SqlType.Varchar,
                    new Kernel(static (in RowCall call, Regex regex) =>
                    {
                        var match = regex.Match(Encoding.UTF8.GetString(call.Text(0)));
                        if (match.Success)
                            call.Return(Encoding.UTF8.GetBytes(match.Groups[match.Groups.Count > 1 ? 1 : 0].Value));
                        else
                            call.ReturnNull();
                    })) : null),
    ];

    private delegate void Body(in RowCall call, Regex regex);

    private static bool IsText(SqlType type) => type.Kind == SqlTypeKind.Unknown || TypeCoercion.IsText(type);

    private static PostgresFunction Similar(string name, string description, bool negate) => new(
        name, "Operator", description, [$"VARCHAR {name} VARCHAR -> BOOLEAN"],
        types => types.Count is 2 or 3 && types.All(static type => TypeCoercion.CanImplicitlyCast(type, SqlType.Varchar, RuleSet.Postgres))
            ? new([.. types.Select(static _ => SqlType.Varchar)], SqlType.Boolean,
                new Kernel((in RowCall call, Regex regex) => call.Return(regex.IsMatch(Encoding.UTF8.GetString(call.Text(0))) != negate)))
            : null);

    private sealed class Kernel(Body body) : StrictKernel
    {
        private readonly CompiledCache<CompiledCache<Regex>> _patterns = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            foreach (var row in context.Rows)
            {
                var call = new RowCall(context, arguments, result, row);
                var escape = call.Count > 2 ? call.Text(2) : @"\"u8;
                var regex = _patterns.Get(escape, static _ => new CompiledCache<Regex>())!.Get(call.Text(1),
                    Compiler(Encoding.UTF8.GetString(escape)));
                if (regex is not null)
                    body(call, regex);
                else
                    call.Fail(PostgresErrorCodes.InvalidRegularExpression,
                        $"invalid regular expression: \"{Encoding.UTF8.GetString(call.Text(1))}\"");
            }
        }

        private static CompiledCache<Regex>.Compile Compiler(string escape)
        {
            Rune? mark = escape.Length == 0 ? null : Rune.GetRuneAt(escape, 0);
            return pattern => SimilarPattern.Translate(Encoding.UTF8.GetString(pattern), mark) is { } text
                ? TextPatterns.TryCompile(text, RegexOptions.Singleline) : null;
        }
    }
}

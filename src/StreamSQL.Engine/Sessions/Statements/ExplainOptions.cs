using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// The options of EXPLAIN, PostgreSQL's. COSTS, BUFFERS, WAL and SETTINGS are taken and change nothing: there are no estimates, and no
/// buffers or log records of a read.
/// </summary>
internal sealed record ExplainOptions(bool Analyze, bool Timing, bool Summary, bool IsJson)
{
    private static readonly string[] WithoutEffect = ["VERBOSE", "COSTS", "BUFFERS", "WAL", "SETTINGS"];

    /// <summary>Reads the options.</summary>
    /// <exception cref="SqlException">42601: unknown; 22023: not a value of it; 0A000: a format that is not there.</exception>
    public static ExplainOptions Read(IReadOnlyList<PropertySyntax> options)
    {
        var (analyze, isJson) = (false, false);
        bool? timing = null;
        bool? summary = null;
        foreach (var option in options)
        {
            switch (option.Name.ToUpperInvariant())
            {
                case "ANALYZE":
                    analyze = Flag(option);
                    break;
                case "TIMING":
                    timing = Flag(option);
                    break;
                case "SUMMARY":
                    summary = Flag(option);
                    break;
                case "FORMAT":
                    isJson = IsJsonFormat(option);
                    break;
                case var name when WithoutEffect.Contains(name):
                    Flag(option);
                    break;
                default:
                    throw new SqlException(
                        PostgresErrorCodes.SyntaxError, $"unrecognized EXPLAIN option \"{option.Name.ToLowerInvariant()}\"",
                        "ANALYZE, VERBOSE, COSTS, SETTINGS, BUFFERS, WAL, TIMING, SUMMARY and FORMAT are known.", option.Position);
            }
        }

        if (timing == true && !analyze)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, "EXPLAIN option TIMING requires ANALYZE");
        return new ExplainOptions(analyze, timing ?? analyze, summary ?? analyze, isJson);
    }

    private static bool Flag(PropertySyntax option) => Text(option) switch
    {
        "true" or "on" or "1" => true,
        "false" or "off" or "0" => false,
        var other => throw new SqlException(
            PostgresErrorCodes.InvalidParameterValue, $"{option.Name.ToLowerInvariant()} requires a Boolean value, not \"{other}\"",
            position: option.Position),
    };

    private static bool IsJsonFormat(PropertySyntax option) => Text(option) switch
    {
        "text" => false,
        "json" => true,
        "xml" or "yaml" => throw new SqlException(
            PostgresErrorCodes.FeatureNotSupported, $"EXPLAIN (FORMAT {Text(option).ToUpperInvariant()}) is not supported",
            "Use FORMAT TEXT or FORMAT JSON.", option.Position),
        var other => throw new SqlException(
            PostgresErrorCodes.InvalidParameterValue, $"unrecognized value for EXPLAIN option \"format\": \"{other}\"",
            position: option.Position),
    };

    private static string Text(PropertySyntax option) => (option.Value switch
    {
        BooleanLiteral flag => flag.Value ? "true" : "false",
        StringLiteral text => text.Value,
        NumberLiteral number => number.Text,
        ColumnReference name => name.Name.Last.Text,
        _ => "",
    }).ToLowerInvariant();
}

using System.Text;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Syntax;
using StreamSQL.UnitTests.Architecture;
using StreamSQL.UnitTests.Sql.Binding;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>
/// SQL text: parsed, and planned against a catalog with streams and tables. A text becomes a tree of objects, several for a character, and
/// to tell what is wrong in one the parser tries all that could stand there; its length and depth are bounded, so its bound here is wider.
/// </summary>
internal static class SqlTexts
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Target("sql-text", "Parsing", static input => SqlParser.ParseScript(Encoding.UTF8.GetString(input))),
        Target("sql-statement", "Binding", Plan),
    ];

    private static FuzzTarget Target(string name, string stage, Action<byte[]> decode) =>
        new(name, () => Cases(stage), decode, typeof(SqlException))
    {
        Share = 2, IsText = true, AllocationFactor = 1024, AllocationSlack = 64 * 1024 * 1024,
    };

    private static void Plan(byte[] input)
    {
        foreach (Statement statement in SqlParser.ParseScript(Encoding.UTF8.GetString(input)))
        {
            try
            {
                StatementPlannerTests.Plan(statement);
            }
            catch (ArgumentException e) when (e.ParamName == "statement")
            {
                // A session runs such a statement from its syntax and never asks for a plan.
            }
        }
    }

    private static IEnumerable<byte[]> Cases(string stage) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/StreamSQL.UnitTests/Sql", stage, "Cases"), "*.txt")
            .Order(StringComparer.Ordinal)
            .SelectMany(static file => ("\n" + File.ReadAllText(file)).Split("\n> ", StringSplitOptions.RemoveEmptyEntries))
            .Select(static entry => Encoding.UTF8.GetBytes(entry.Split("\n----\n")[0]))
            .Where(static text => text.Length < 2000);
}

using StreamSQL.ConformanceTests.Support;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;

namespace StreamSQL.ConformanceTests.Select;

public sealed class SelectCaseTests
{
    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(SelectCaseFile.Folder, "*.txt").Select(static path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Answers_are_PostgreSQLs(string name)
    {
        var file = SelectCaseFile.Read(Path.Combine(SelectCaseFile.Folder, name));
        file.Cases.ShouldNotBeEmpty();
        await using var engine = await TestEngine.StartAsync();
        var wrong = new List<string>();
        foreach (var test in file.Cases)
        {
            var (expected, actual) = (test.Expected, await AnswerAsync(engine, file.Statement(test)));
            if (!test.IsOrdered)
                (expected, actual) = ([.. expected.Order(StringComparer.Ordinal)], [.. actual.Order(StringComparer.Ordinal)]);
            if (!expected.SequenceEqual(actual))
                wrong.Add($"{test.Name}\n{test.Query}\nexpected:\n{string.Join('\n', expected)}\nbut was:\n{string.Join('\n', actual)}\n");
        }

        wrong.ShouldBeEmpty($"{wrong.Count} of {file.Cases.Count} cases\n{string.Join('\n', wrong)}");
    }

    private static async Task<IReadOnlyList<string>> AnswerAsync(TestEngine engine, string query)
    {
        var rows = new List<string>();
        try
        {
            var prepared = engine.Session.Prepare(engine.Session.Parse(query).Single(), []);
            await using var result = await engine.Session.ExecuteAsync(prepared, [], CancellationToken.None);
            while (await result.ReadAsync(CancellationToken.None) is { } batch)
            {
                foreach (var row in batch.Selection)
                    rows.Add(SelectCaseFile.Line(batch.Columns.Select(column => ColumnText.ToText(column, row, TextStyle.Postgres))));
            }

            return rows;
        }
        catch (SqlException error)
        {
            return [$"error {error.SqlState} {error.Message}"];
        }
    }
}

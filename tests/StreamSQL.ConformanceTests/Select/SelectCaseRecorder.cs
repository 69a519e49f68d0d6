using System.Globalization;
using StreamSQL.ConformanceTests.Postgres;

namespace StreamSQL.ConformanceTests.Select;

/// <summary>Asks a PostgreSQL server for the answers of all cases, and writes them into the files.</summary>
internal static class SelectCaseRecorder
{
    /// <summary>Records the answers; the user and database streamsql must be there and need no password.</summary>
    public static async Task<int> RunAsync(string address, string filter, TextWriter output)
    {
        var colon = address.LastIndexOf(':');
        using var connection = await WireConnection.OpenAsync(address[..colon],
            int.Parse(address[(colon + 1)..], CultureInfo.InvariantCulture), TimeSpan.FromSeconds(30));
        connection.Query("SET TimeZone = 'UTC'");
        foreach (var path in Directory.EnumerateFiles(SelectCaseFile.Folder, "*.txt")
            .Where(path => Path.GetFileName(path).Contains(filter, StringComparison.Ordinal)).Order())
        {
            var file = SelectCaseFile.Read(path);
            file.Write([.. file.Cases.Select(test => Answer(connection.Query(file.Statement(test))))]);
            await output.WriteLineAsync($"{Path.GetFileName(path)}: {file.Cases.Count} cases");
        }

        return 0;
    }

    private static IReadOnlyList<string> Answer(WireAnswer answer) =>
        answer.Error is { } error ? [$"error {error}"] : [.. answer.Rows.Select(SelectCaseFile.Line)];
}

using System.Runtime.CompilerServices;

namespace StreamSQL.UnitTests.Sql;

/// <summary>
/// Cases in text files: a line that begins with <c>&gt; </c> and those after it up to <c>----</c> are
/// what goes in, the lines up to the next <c>&gt; </c> what comes out. Set STREAMSQL_REWRITE=1 to write what comes out now.
/// </summary>
internal static class TextCases
{
    internal static void Check(string file, Func<string, string> run, [CallerFilePath] string testFile = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(testFile)!, file);
        var cases = File.ReadAllText(path).Split("\n> ", StringSplitOptions.RemoveEmptyEntries);
        var wanted = new List<string>();
        var actual = new List<string>();
        foreach (var entry in cases)
        {
            var text = entry.StartsWith("> ", StringComparison.Ordinal) ? entry[2..] : entry;
            var input = text.Split("\n----\n")[0];
            wanted.Add(text.Trim());
            actual.Add($"{input}\n----\n{run(input)}".Trim());
        }

        if (Environment.GetEnvironmentVariable("STREAMSQL_REWRITE") == "1")
            File.WriteAllText(path, "> " + string.Join("\n\n> ", actual) + "\n");
        string.Join("\n\n> ", actual).ShouldBe(string.Join("\n\n> ", wanted));
    }
}

namespace StreamSQL.UnitTests.Architecture;

/// <summary>Calls that break determinism, block threads or hide errors, wherever they stand in the sources.</summary>
public class BannedCallTests
{
    public static TheoryData<string, string> Banned() => new()
    {
        { "Thread.Sleep(", "" },
        { "DateTime.Now", "" },
        { "DateTime.UtcNow", "" },
        { "DateTimeOffset.UtcNow", "" },
        { "Random.Shared", "src/StreamSQL.Data/Functions/Numeric/" }, // RANDOM()
        { "NotImplementedException", "" },
        { "MemoryMappedFile", "" },
        { ".Flush(true)", "" },
        { "FlushToDisk", "" },
        { "GC.Collect(", "" },
        { "Channel.CreateUnbounded", "" },
    };

    [Theory]
    [MemberData(nameof(Banned))]
    public void Nobody_calls(string call, string except)
    {
        var offences =
            from path in Repository.SourceFiles("src")
            where except.Length == 0 || !Repository.Relative(path).StartsWith(except, StringComparison.Ordinal)
            from line in File.ReadLines(path)
            where line.Contains(call, StringComparison.Ordinal) && !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            select $"{Repository.Relative(path)}: {line.Trim()}";

        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Nobody_swallows_an_error()
    {
        var offences =
            from path in Repository.SourceFiles("src")
            let text = File.ReadAllText(path)
            where System.Text.RegularExpressions.Regex.IsMatch(text, @"catch(\s*\(\s*Exception[^)]*\))?\s*\{\s*\}")
            select Repository.Relative(path);

        offences.ShouldBeEmpty();
    }
}

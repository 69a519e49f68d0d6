using System.Text.RegularExpressions;

namespace StreamSQL.UnitTests.Architecture;

/// <summary>The map for newcomers says what is there.</summary>
public partial class MapTests
{
    [Fact]
    public void The_map_lists_every_assembly_and_nothing_else()
    {
        var onMap = MapRow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "src", "README.md")))
            .Select(static row => row.Groups[1].Value);
        var inTree = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
            .Select(static folder => Path.GetFileName(folder)!["StreamSQL.".Length..]);

        onMap.Order(StringComparer.Ordinal).ShouldBe(inTree.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_type_that_the_map_names_exists()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "src", "README.md"));
        var sources = string.Join('\n', Repository.SourceFiles("src").Select(File.ReadAllText));

        var missing = TypeName().Matches(text).Select(static match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)
            .Where(name => !Directory.Exists(Path.Combine(Repository.Root, "src", "StreamSQL." + name)))
            .Where(name => !Regex.IsMatch(sources, $@"\b(class|struct|record|interface|enum)\s+{name}\b"));

        missing.ShouldBeEmpty();
    }

    [Fact]
    public void Every_assembly_has_a_page_of_its_own() =>
        Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
            .Where(static folder => !File.Exists(Path.Combine(folder, "README.md")))
            .Select(Repository.Relative)
            .ShouldBeEmpty();

    [Fact]
    public void The_top_level_holds_what_the_map_names()
    {
        string[] allowed =
        [
            "src", "grammar", "tests", "samples", "StreamSQL.sln", "README.md", "docker-compose.yml", "Directory.Build.props",
            "Directory.Packages.props", "global.json", "LICENSE", "Dockerfile",
        ];

        Directory.EnumerateFileSystemEntries(Repository.Root).Select(static path => Path.GetFileName(path)!)
            .Where(static name => !name.StartsWith('.') && name is not ("artifacts" or "data" or "TestResults"))
            .Except(allowed)
            .ShouldBeEmpty();
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex MapRow();

    [GeneratedRegex(@"`([A-Z]\w+[a-z]\w*)`")]
    private static partial Regex TypeName();
}

using System.Xml.Linq;

namespace StreamSQL.UnitTests.Architecture;

/// <summary>Who may reference whom. Think hard about the layering before changing this table.</summary>
public class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Data"] = [],
        ["Kafka"] = [],
        ["Storage"] = ["Kafka"],
        ["Broker"] = ["Kafka", "Storage"],
        ["Sql"] = ["Data"],
        ["Connect"] = ["Data", "Kafka"],
        ["Engine"] = ["Sql", "Data", "Kafka", "Storage", "Connect"],
        ["Postgres"] = ["Engine", "Sql", "Data"],
        ["Server"] = ["Data", "Kafka", "Storage", "Broker", "Sql", "Connect", "Engine", "Postgres"],
    };

    public static TheoryData<string> Assemblies() =>
        [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(static d => Path.GetFileName(d)!)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_references_only_what_the_map_allows(string folder)
    {
        var name = folder["StreamSQL.".Length..];
        Allowed.ShouldContainKey(name, "a new assembly belongs on the map first");
        var project = XDocument.Load(Path.Combine(Repository.Root, "src", folder, folder + ".csproj"));
        var references = project.Descendants("ProjectReference")
            .Select(static reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)["StreamSQL.".Length..]);

        references.Except(Allowed[name]).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_names_only_namespaces_that_the_map_allows(string folder)
    {
        // Project references are transitive, so the arrows are held in the source too.
        var name = folder["StreamSQL.".Length..];
        var forbidden = Allowed.Keys.Except(Allowed[name]).Where(other => other != name)
            .Select(static other => $"StreamSQL.{other}").ToArray();

        var offences =
            from path in Repository.SourceFiles(Path.Combine("src", folder))
            from line in File.ReadLines(path)
            from other in forbidden
            where line.Contains(other + ".", StringComparison.Ordinal) || line.Contains(other + ";", StringComparison.Ordinal)
            select $"{Repository.Relative(path)}: {line.Trim()}";

        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_parsing_folder_names_the_parser_generator()
    {
        var offences =
            from path in Repository.SourceFiles("src")
            where !Repository.Relative(path).StartsWith("src/StreamSQL.Sql/Parsing/", StringComparison.Ordinal)
            where File.ReadAllText(path).Contains("Antlr4.", StringComparison.Ordinal)
            select Repository.Relative(path);

        offences.ShouldBeEmpty();
    }
}

namespace StreamSQL.UnitTests.Architecture;

/// <summary>What is wider than the window is not read.</summary>
public class LineWidthTests
{
    // As .editorconfig says.
    private const int MaxWidth = 140;

    [Fact]
    public void No_line_is_wider_than_the_editor_config_says()
    {
        var offences =
            from path in Repository.SourceFiles("src")
            from line in File.ReadLines(path).Index()
            where line.Item.Length > MaxWidth
            select $"{Repository.Relative(path)}:{line.Index + 1}: {line.Item.Length} columns";

        offences.ShouldBeEmpty();
    }
}

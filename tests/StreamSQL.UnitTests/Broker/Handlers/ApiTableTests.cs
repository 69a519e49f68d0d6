using System.Text;
using StreamSQL.Broker.Handlers;
using StreamSQL.UnitTests.Architecture;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

/// <summary>The table of APIs in the broker's README says what is served. With STREAMSQL_WRITE_TABLES=1 the test writes it.</summary>
public class ApiTableTests
{
    private const string Begin = "<!-- api table -->\n";
    private const string End = "<!-- end of api table -->";

    [Fact]
    public async Task The_README_lists_the_APIs_that_are_served()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        string table = TableOf(new HandlerTable(broker.Services));
        string file = Path.Combine(Repository.Root, "src/StreamSQL.Broker/README.md");
        string text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("STREAMSQL_WRITE_TABLES") == "1")
        {
            await File.WriteAllTextAsync(file, text[..begin] + table + text[end..], TestContext.Current.CancellationToken);
            return;
        }

        text[begin..end].ShouldBe(table, "Run this test with STREAMSQL_WRITE_TABLES=1 in the environment to write the table again.");
    }

    private static string TableOf(HandlerTable handlers)
    {
        var table = new StringBuilder("| key | API | advertised | served |\n|---|---|---|---|\n");
        foreach (ApiHandler handler in handlers.All.OrderBy(h => h.Api.Key))
        {
            string advertised = Range(handler.AdvertisedMinVersion, handler.MaxVersion);
            string served = Range(handler.Api.MinVersion, handler.MaxVersion);
            table.Append($"| {(short)handler.Api.Key} | {handler.Api.Key} | {advertised} | {served} |\n");
        }
        return table.ToString();
    }

    private static string Range(short min, short max) => min == max ? $"{min}" : $"{min}-{max}";
}

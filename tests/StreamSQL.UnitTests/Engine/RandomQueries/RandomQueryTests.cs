namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>Some runs of the command <c>random-queries</c>.</summary>
public class RandomQueryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Continuous_queries_say_what_the_same_queries_say_of_the_finished_input(int run)
    {
        var (refused, differences) = await RandomQueriesCommand.RunAsync(seed: 1, run, count: 20);

        differences.ShouldBe(0);
        refused.ShouldBeLessThan(5);
    }
}

namespace StreamSQL.ClusterTests.ExactlyOnce;

public sealed class ExactlyOnceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_shape_of_query_is_right_after_kills(bool isApart)
    {
        var run = new ExactlyOnceRun(20261127, isApart);

        IReadOnlyList<string> anomalies = await run.RunAsync(2, static _ => { });

        string.Join('\n', anomalies).ShouldBeEmpty(run.Figures);
    }
}

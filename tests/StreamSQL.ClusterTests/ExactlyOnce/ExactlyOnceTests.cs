namespace StreamSQL.ClusterTests.ExactlyOnce;

public sealed class ExactlyOnceTests
{
    [Fact]
    public async Task Every_shape_of_query_is_right_after_kills()
    {
        var run = new ExactlyOnceRun(20261127, ProcessLayout.Together);

        IReadOnlyList<string> anomalies = await run.RunAsync(2, static _ => { });

        string.Join('\n', anomalies).ShouldBeEmpty(run.Figures);
    }

    [Fact]
    public async Task Every_shape_of_query_is_right_when_two_engines_share_them_and_are_killed()
    {
        var run = new ExactlyOnceRun(20261128, ProcessLayout.Shared);

        IReadOnlyList<string> anomalies = await run.RunAsync(2, static _ => { });

        string.Join('\n', anomalies).ShouldBeEmpty(run.Figures);
    }
}

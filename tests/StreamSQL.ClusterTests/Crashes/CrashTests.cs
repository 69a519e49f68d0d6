using StreamSQL.ClusterTests.Crashes.Checking;

namespace StreamSQL.ClusterTests.Crashes;

public sealed class CrashTests
{
    [Fact]
    public async Task A_server_that_is_killed_again_and_again_keeps_its_word()
    {
        using var server = new KilledServer();
        var run = new CrashRun(20261127, server);

        IReadOnlyList<Anomaly> anomalies = await run.RunAsync(5, static _ => { });

        string.Join('\n', anomalies).ShouldBeEmpty(run.Figures);
    }
}

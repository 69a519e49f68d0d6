namespace StreamSQL.UnitTests.Storage.Crashes;

/// <summary>
/// The power goes at every file operation of every scenario, whatever of the unflushed is left: nothing acknowledged is lost, nothing
/// appears that was never written, every recovery comes to an end. More by <c>crash-states</c> of tests/StreamSQL.ClusterTests.
/// </summary>
public class CrashStateTests
{
    private const int StatesEach = 2000;
    private const int Seed = 1;

    public static TheoryData<int, string> Kinds() =>
        [.. Enumerable.Range(0, CrashScenarios.Count).Select(static kind => (kind, CrashScenarios.Of(kind).Name))];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_crash_state_recovers_to_what_was_acknowledged(int kind, string name)
    {
        var explorer = new CrashExplorer(Seed);
        for (var run = 0; explorer.States < StatesEach; run++)
            explorer.Explore(CrashScenarios.Of(kind), run, StatesEach);

        explorer.States.ShouldBeGreaterThanOrEqualTo(StatesEach, name);
        explorer.Longest.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{explorer.States} states, {explorer.NestedStates} of them of a crashed recovery, at {explorer.Points} operations; longest " +
                $"{explorer.Longest.TotalMilliseconds:F0} ms");
    }
}

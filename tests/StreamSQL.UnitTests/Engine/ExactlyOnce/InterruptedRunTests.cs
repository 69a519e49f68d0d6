using StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>
/// Every shape over a broker on a simulated disk whose power is cut again and again while the queries work: tables, topics and every
/// committed prefix are what the oracles say. The command <c>exactly-once</c> does the same with processes that are killed.
/// </summary>
public class InterruptedRunTests
{
    private const int Batches = 240;

    public static IEnumerable<TheoryDataRow<int, int, bool>> Runs =>
        [new(1, 0, false), new(2, 8, false), new(3, 8, true), new(4, 20, true)];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Results_are_those_of_the_oracles(int seed, int powerCuts, bool snapshots)
    {
        var run = new SimulatedRun(seed, snapshots);
        await run.RunAsync(ShapeCatalog.All, Batches, powerCuts);

        run.Anomalies.ShouldBeEmpty(run.Figures);
    }
}

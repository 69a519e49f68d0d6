namespace StreamSQL.UnitTests.Broker.Transactions.Simulation;

/// <summary>Seeds of <see cref="TransactionSimulation"/>; those that once showed a fault stay.</summary>
public sealed class TransactionSimulationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(19)] // the answer of InitProducerId was lost with the broker
    [InlineData(30)]
    [InlineData(97)]
    [InlineData(630)] // InitProducerId came a second time behind a commit
    public async Task Producers_are_told_the_truth_however_often_the_broker_ends(int seed)
    {
        var simulation = new TransactionSimulation(seed);
        await simulation.RunAsync();
        simulation.Ends.ShouldBeGreaterThan(0);
        simulation.Committed.ShouldBeGreaterThan(0);
    }
}

using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>Scenarios, each with every librdkafka.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CombinatorialScenariosAttribute(params string[] scenarios) : DataAttribute
{
    /// <summary>The scenarios.</summary>
    public IReadOnlyList<string> Scenarios => scenarios;

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<LibrdkafkaVersion>()
            .SelectMany(_ => scenarios, (version, scenario) => new TheoryDataRow<LibrdkafkaVersion, string>(version, scenario))]);

    /// <inheritdoc/>
    public override bool SupportsDiscoveryEnumeration() => true;
}

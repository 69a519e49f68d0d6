using StreamSQL.Broker.Configs;

namespace StreamSQL.UnitTests.Broker.Configs;

public class ConfigDefinitionTests
{
    public static TheoryData<string> Definitions =>
        [.. All.Select(d => d.Name).Distinct()];

    private static IEnumerable<ConfigDefinition> All =>
        [.. TopicConfigs.All.Values, .. BrokerConfigs.All.Values, .. GroupConfigs.All.Values, .. ClientMetricsConfigs.All.Values];

    [Theory]
    [MemberData(nameof(Definitions))]
    public void Defaults_are_values_in_their_usual_form_and_every_config_is_explained(string name)
    {
        foreach (ConfigDefinition definition in All.Where(d => d.Name == name))
        {
            if (definition.Default is { } value)
                definition.Normalize(value).ShouldBe(value);
            definition.Documentation.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void What_is_inherited_is_a_broker_config_with_the_same_default()
    {
        foreach (ConfigDefinition definition in TopicConfigs.All.Values.Concat(GroupConfigs.All.Values))
            BrokerConfig.Default.Inherited(definition).ShouldBe(definition.Default, definition.Name);
    }

    [Theory]
    [InlineData("retention.ms", " 5 ", "5")]
    [InlineData("retention.ms", "-1", "-1")]
    [InlineData("retention.ms", "-2", null)]
    [InlineData("retention.ms", "1.5", null)]
    [InlineData("max.message.bytes", "2147483648", null)]
    [InlineData("preallocate", "TRUE", "true")]
    [InlineData("preallocate", "yes", null)]
    [InlineData("min.cleanable.dirty.ratio", "0.25", "0.25")]
    [InlineData("min.cleanable.dirty.ratio", "1.1", null)]
    [InlineData("min.cleanable.dirty.ratio", "NaN", null)]
    [InlineData("cleanup.policy", "compact, delete", "compact,delete")]
    [InlineData("cleanup.policy", "", "")]
    [InlineData("cleanup.policy", "shred", null)]
    [InlineData("compression.type", "brotli", null)]
    public void Values_are_checked_by_type_and_bounds(string name, string value, string? normalized) =>
        TopicConfigs.All[name].Normalize(value).ShouldBe(normalized);
}

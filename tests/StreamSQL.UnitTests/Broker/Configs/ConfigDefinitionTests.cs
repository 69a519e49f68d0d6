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
    [InlineData("compression.gzip.level", "0", null)]
    [InlineData("compression.gzip.level", "-1", "-1")]
    [InlineData("segment.bytes", "1048575", null)]
    [InlineData("segment.bytes", "1048576", "1048576")]
    [InlineData("internal.segment.bytes", "1500", "1500")]
    public void Values_are_checked_by_type_and_bounds(string name, string value, string? normalized) =>
        TopicConfigs.All[name].Normalize(value).ShouldBe(normalized);

    [Theory]
    [InlineData("latest", true)]
    [InlineData("by_duration:P1DT2H3M4.5S", true)]
    [InlineData("by_duration:PT5M", true)]
    [InlineData("by_duration:P1M", false)]
    [InlineData("by_duration:-PT5M", false)]
    [InlineData("by_duration:", false)]
    [InlineData("by_duration:P99999999999999999999D", false)]
    [InlineData("none", false)]
    public void Where_a_share_group_begins_may_be_a_duration(string value, bool isAccepted) =>
        (GroupConfigs.All["share.auto.offset.reset"].Normalize(value) is not null).ShouldBe(isAccepted);

    [Theory]
    [InlineData("UPGRADE", true)]
    [InlineData("Bidirectional", true)]
    [InlineData("sideways", false)]
    public void Words_may_be_accepted_in_any_case(string value, bool isAccepted) =>
        (BrokerConfigs.All["group.consumer.migration.policy"].Normalize(value) is not null).ShouldBe(isAccepted);
}

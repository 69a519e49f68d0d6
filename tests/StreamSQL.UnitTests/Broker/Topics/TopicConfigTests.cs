using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;

namespace StreamSQL.UnitTests.Broker.Topics;

public class TopicConfigTests
{
    [Fact]
    public void What_was_accepted_under_wider_bounds_stays_in_force_but_cannot_be_set_again()
    {
        KeyValuePair<string, string>[] stored = [new("segment.bytes", "1500"), new("no.longer.known", "1")];

        TopicConfig config = TopicConfig.Restore(stored, BrokerConfig.Default);

        config.Log.SegmentBytes.ShouldBe(1500);
        config.Overrides.Keys.ShouldBe(["segment.bytes"]);
        Should.Throw<KafkaException>(() => TopicConfig.Create(config.Overrides, BrokerConfig.Default)).Code.ShouldBe(
            ErrorCode.InvalidConfig);
    }
}

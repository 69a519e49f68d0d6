using System.Net;
using StreamSQL.Broker;
using StreamSQL.Broker.Configs;
using StreamSQL.Server.Options;

namespace StreamSQL.UnitTests.Server;

public class OptionReaderTests
{
    [Fact]
    public void Without_any_source_the_listeners_are_the_usual_ports_on_loopback()
    {
        var options = Read([], []);

        options.Kafka.ShouldBe([new KafkaEndpoint("PLAINTEXT", new IPEndPoint(IPAddress.Loopback, 9092))]);
        options.Postgres.ShouldBe(new IPEndPoint(IPAddress.Loopback, 7432));
        options.Http.ShouldBe(new IPEndPoint(IPAddress.Loopback, 8088));
        options.DataDirectory.ShouldBe("data");
    }

    [Fact]
    public void The_command_line_goes_before_the_environment()
    {
        var options = Read(new() { ["kafka"] = "127.0.0.1:1" },
            new() { ["STREAMSQL_KAFKA"] = "127.0.0.1:2", ["STREAMSQL_DATA_DIR"] = "elsewhere" });

        options.Kafka.Single().Address.Port.ShouldBe(1);
        options.DataDirectory.ShouldBe("elsewhere");
    }

    [Fact]
    public void The_environment_goes_before_the_config_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """{ "data-dir": "from-file", "http": "127.0.0.1:3", /* a remark */ "insecure-public": false }""");
            var options = Read(new() { ["config"] = file }, new() { ["STREAMSQL_HTTP"] = "127.0.0.1:4" });

            options.DataDirectory.ShouldBe("from-file");
            options.Http.Port.ShouldBe(4);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Broker_configs_and_the_memory_limit_are_read()
    {
        var options = Read(new() { ["broker-config"] = "group.max.size=7, group.initial.rebalance.delay.ms=0" },
            new() { ["STREAMSQL_MEMORY_LIMIT"] = "2G" });

        var broker = StartConfigs.Apply(new BrokerOptions(), options.BrokerConfigs);
        broker.Groups.MaxSize.ShouldBe(7);
        broker.Groups.InitialRebalanceDelay.ShouldBe(TimeSpan.Zero);
        options.MemoryLimitBytes.ShouldBe(2L << 30);
    }

    [Theory]
    [InlineData("kafka", "9092")]
    [InlineData("kafka", "127.0.0.1:99999")]
    [InlineData("postgres", "nowhere.example:7432")]
    [InlineData("kafka", "127.0.0.1:1,127.0.0.1:2")]
    [InlineData("kafka", "://127.0.0.1:1")]
    [InlineData("node-id", "-1")]
    [InlineData("queued-max-request-bytes", "0")]
    [InlineData("max-connections", "many")]
    [InlineData("memory-limit", "12")]
    [InlineData("memory-limit", "0g")]
    [InlineData("memory-limit", "99999999999g")]
    [InlineData("broker-config", "group.max.size")]
    [InlineData("broker-config", "group.max.size=many")]
    [InlineData("broker-config", "group.max.size=0")]
    [InlineData("broker-config", "no.such.config=1")]
    [InlineData("broker-config", "log.flush.policy=sometimes")]
    [InlineData("kafka-advertised", "broker")]
    [InlineData("kafka-advertised", "EXTERNAL://broker:9092")]
    [InlineData("insecure-public", "maybe")]
    [InlineData("open-engine-topics", "maybe")]
    [InlineData("kafka-bootstrap", "broker")]
    [InlineData("kafka-bootstrap", ",")]
    public void A_value_that_cannot_be_used_is_named(string option, string value) =>
        Should.Throw<OptionException>(() => Read(new() { [option] = value }, [])).Message.ShouldContain(option);

    [Fact]
    public void Several_Kafka_listeners_have_names_and_each_its_advertised_address()
    {
        var options = Read(
            new() { ["kafka"] = "internal://127.0.0.1:9092, EXTERNAL://127.0.0.1:9094",
                ["kafka-advertised"] = "EXTERNAL://broker.example:19094" }, []);

        options.Kafka.ShouldBe(
        [
            new KafkaEndpoint("INTERNAL", new IPEndPoint(IPAddress.Loopback, 9092)),
            new KafkaEndpoint("EXTERNAL", new IPEndPoint(IPAddress.Loopback, 9094), new DnsEndPoint("broker.example", 19094)),
        ]);
    }

    [Fact]
    public void On_a_Kafka_cluster_there_is_no_Kafka_listener()
    {
        var options = Read(new() { ["kafka-bootstrap"] = "one.example:9092, two.example:9093" }, []);

        options.KafkaBootstrap.ShouldBe([new DnsEndPoint("one.example", 9092), new DnsEndPoint("two.example", 9093)]);
        Should.Throw<OptionException>(() => Read(new() { ["kafka-bootstrap"] = "one.example:9092", ["kafka"] = "127.0.0.1:0" }, []))
            .Message.ShouldContain("--kafka");
    }

    [Fact]
    public void Engines_that_share_a_broker_take_turns()
    {
        Read([], []).SharesBroker.ShouldBeFalse();
        Read(new() { ["kafka-bootstrap"] = "one.example:9092" }, []).SharesBroker.ShouldBeTrue();
        Read(new() { ["open-engine-topics"] = "true", ["broker-only"] = "true" }, []).IsBrokerOnly.ShouldBeTrue();
        Read(new() { ["takeover-after"] = "3" }, []).TakeoverAfter.ShouldBe(TimeSpan.FromSeconds(3));
        Should.Throw<OptionException>(() => Read(new() { ["takeover-after"] = "0" }, [])).Message.ShouldContain("--takeover-after");
        Should.Throw<OptionException>(() => Read(new() { ["kafka-bootstrap"] = "one.example:9092", ["broker-only"] = "true" }, []))
            .Message.ShouldContain("--broker-only");
    }

    [Fact]
    public void A_listener_beyond_loopback_is_refused_unless_it_is_asked_for()
    {
        Should.Throw<OptionException>(() => Read(new() { ["http"] = "0.0.0.0:8088" }, [])).Message.ShouldContain("--insecure-public");
        Read(new() { ["http"] = "0.0.0.0:8088", ["insecure-public"] = "true" }, []).PublicListeners.Count().ShouldBe(1);
    }

    [Fact]
    public void Kafka_listeners_speak_what_their_names_or_the_option_say()
    {
        ServerOptions options = Read(
            new() { ["kafka"] = "SASL_SSL://127.0.0.1:1,IN://127.0.0.1:2,OUT://127.0.0.1:3", ["kafka-security"] = "out:sasl_plaintext" },
            []);

        options.Kafka.Select(static l => l.Security)
            .ShouldBe([KafkaSecurity.SaslSsl, KafkaSecurity.Plaintext, KafkaSecurity.SaslPlaintext]);
        options.HasKafkaTls.ShouldBeTrue();
        Read([], []).Kafka.Single().Security.ShouldBe(KafkaSecurity.Plaintext);
        foreach (string wrong in new[] { "OUT", "OUT:TLS", "NONE:SSL", "IN:SSL,IN:SSL" })
        {
            Should.Throw<OptionException>(() =>
                Read(new() { ["kafka"] = "IN://127.0.0.1:2,OUT://127.0.0.1:3", ["kafka-security"] = wrong }, []))
                .Message.ShouldContain("--kafka-security");
        }
    }

    [Theory]
    [InlineData("SASL_SSL://0.0.0.0:9094", true)]
    [InlineData("SASL_PLAINTEXT://0.0.0.0:9094", false)] // passwords could be seen on the way
    [InlineData("SSL://0.0.0.0:9094", false)]
    [InlineData("PLAINTEXT://0.0.0.0:9094", false)]
    public void A_Kafka_listener_may_be_public_where_clients_log_in_over_TLS(string listener, bool may)
    {
        var given = new Dictionary<string, string> { ["kafka"] = listener };
        if (may)
            Read(given, []).PublicListeners.ShouldBeEmpty();
        else
            Should.Throw<OptionException>(() => Read(given, [])).Message.ShouldContain("SASL_SSL://0.0.0.0:9094");
    }

    [Fact]
    public void A_broker_without_roles_lets_nobody_log_in() =>
        Should.Throw<OptionException>(() => Read(new() { ["kafka"] = "SASL_SSL://127.0.0.1:1", ["broker-only"] = "true" }, []))
            .Message.ShouldContain("--broker-only");

    private static ServerOptions Read(Dictionary<string, string> commandLine, Dictionary<string, string> environment) =>
        new OptionReader(name => commandLine.GetValueOrDefault(name), name => environment.GetValueOrDefault(name)).Read();
}

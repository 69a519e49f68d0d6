using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Network;

/// <summary>Limits on connections, and several listeners.</summary>
public sealed class ConnectionRegisterTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(2, int.MaxValue)]
    [InlineData(int.MaxValue, 2)]
    public async Task A_connection_too_many_is_closed_and_a_place_that_gets_free_is_given_again(int max, int maxPerIp)
    {
        var limits = new KafkaListenerOptions { MaxConnections = max, MaxConnectionsPerIp = maxPerIp };
        await using ServedBroker broker = await ServedBroker.OpenAsync(listener: limits);
        InMemoryKafkaClient first = broker.Connect();
        await using InMemoryKafkaClient second = broker.Connect();
        await broker.Connect().Serving.WaitAsync(Soon);
        broker.Services.Connections.Count.ShouldBe(2);

        await first.DisposeAsync();
        await using InMemoryKafkaClient third = broker.Connect();
        (await third.AskAsync(Apis.Metadata, 4, new MetadataRequest())).Topics.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_limit_of_an_address_is_its_own()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(listener: new KafkaListenerOptions { MaxConnectionsPerIp = 1 });
        await using InMemoryKafkaClient some = broker.Connect(IPAddress.Parse("10.0.0.1"));
        await using InMemoryKafkaClient other = broker.Connect(IPAddress.Parse("10.0.0.2"));
        await broker.Connect(IPAddress.Parse("10.0.0.2")).Serving.WaitAsync(Soon);

        broker.Services.Connections.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Clients_are_told_the_address_of_the_listener_that_they_came_by()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        var outside = new KafkaConnectionHandler(
            broker.Services, new KafkaListener("OUTSIDE", "broker.example", 19092), NullLogger<KafkaConnectionHandler>.Instance);
        await using InMemoryKafkaClient inner = broker.Connect();
        await using var outer = new InMemoryKafkaClient(outside);

        (await inner.AskAsync(Apis.Metadata, 9, new MetadataRequest())).Brokers.Single().Host.ShouldBe("broker");
        MetadataResponse.Broker told = (await outer.AskAsync(Apis.Metadata, 9, new MetadataRequest())).Brokers.Single();
        (told.Host, told.Port).ShouldBe(("broker.example", 19092));
        FindCoordinatorResponse coordinator = await outer.AskAsync(Apis.FindCoordinator, 4,
            new FindCoordinatorRequest { CoordinatorKeys = ["g"] });
        coordinator.Coordinators[0].Host.ShouldBe("broker.example");
    }
}

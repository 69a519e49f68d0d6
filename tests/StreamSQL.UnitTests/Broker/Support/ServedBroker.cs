using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Network;

namespace StreamSQL.UnitTests.Broker.Support;

/// <summary>A broker in memory behind its connection handler, with topic "t", which it creates when it is not there.</summary>
internal sealed class ServedBroker : IAsyncDisposable
{
    private ServedBroker(BrokerHost host, KafkaListenerOptions listener, TimeProvider time)
    {
        Host = host;
        Services = new BrokerServices(host, listener, time);
        Handler = new KafkaConnectionHandler(Services, new KafkaListener("PLAINTEXT", "broker", 9092),
            NullLogger<KafkaConnectionHandler>.Instance);
    }

    public BrokerHost Host { get; }

    public BrokerServices Services { get; }

    public KafkaConnectionHandler Handler { get; }

    public static async Task<ServedBroker> OpenAsync(
        int partitions = 1, KafkaListenerOptions? listener = null, BrokerOptions? options = null, TimeProvider? time = null,
        IFileSystem? files = null)
    {
        time ??= TimeProvider.System;
        BrokerHost host = await BrokerHost.OpenAsync("/data", options ?? new BrokerOptions(), files ?? new MemoryFileSystem(), time);
        if (!host.Topics.TryGet("t", out _))
            await host.Topics.CreateAsync("t", partitions, []);
        return new ServedBroker(host, listener ?? new KafkaListenerOptions(), time);
    }

    public InMemoryKafkaClient Connect(IPAddress? address = null) => new(Handler, address);

    /// <summary>Appends one batch of records without keys.</summary>
    public static async Task<ProduceResponse.Partition> ProduceAsync(
        InMemoryKafkaClient client, int partition, params string[] values)
    {
        ProduceResponse response = await client.AskAsync(Apis.Produce, 9, Produce(partition, Batch(values)));
        return response.Responses[0].PartitionResponses[0];
    }

    public static ProduceRequest Produce(int partition, byte[] records, string topic = "t") => new()
    {
        Acks = -1,
        TimeoutMs = 1000,
        TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = records }] }],
    };

    public static byte[] Batch(params string[] values)
    {
        using var builder = new RecordBatchBuilder();
        foreach (string value in values)
            builder.Append(default, false, System.Text.Encoding.UTF8.GetBytes(value), true, 1);
        return builder.Build().ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
    }
}

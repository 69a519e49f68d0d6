using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Support;
using StreamSQL.UnitTests.Kafka.Protocol;

namespace StreamSQL.UnitTests.Broker.Network;

/// <summary>
/// Requests of every API and version that is served, with one or two things changed: none may crash or hang the broker, or make it allocate
/// much more than what came.
/// </summary>
public sealed class MutatedRequestTests
{
    private const int InputsPerVersion = 120;
    private const int AllocationFactor = 16;
    private const int AllocationSlack = 1024 * 1024;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly int[] _badNumbers = [0, 1, -1, -2, 0x7F, 0x80, 0x7FFF, 0x10000, int.MaxValue, int.MinValue, 0x00FFFFFF];

    private readonly Random _random = new(20260);

    [Fact]
    public async Task No_mutated_request_crashes_hangs_or_allocates_beyond_its_size()
    {
        var options = new BrokerOptions { AutoCreateTopics = false, Topics = new TopicDefaults { MaxTotalPartitions = 250 } };
        await using ServedBroker broker = await ServedBroker.OpenAsync(options: options);
        await using InMemoryKafkaClient before = broker.Connect();
        await ServedBroker.ProduceAsync(before, 0, "a", "b");
        var failures = new FailureLog();
        var connections = new KafkaConnectionHandler(broker.Services, failures);
        int inputs = 0;
        foreach (ApiHandler handler in new HandlerTable(broker.Services).All)
        {
            for (short version = handler.Api.MinVersion; version <= handler.MaxVersion; version++)
            {
                List<byte[]> seeds = [.. Seeds(handler.Api, version)];
                for (int i = 0; i < InputsPerVersion; i++, inputs++)
                {
                    byte[] input = Mutate(seeds[i % seeds.Count]);
                    await CheckAsync(connections, input, $"{handler.Api.Key} {version}: {Convert.ToHexString(input)}");
                }
            }
        }

        inputs.ShouldBeGreaterThan(15_000);
        failures.Failed.ShouldBeEmpty();
        await using InMemoryKafkaClient after = broker.Connect();
        (await ServedBroker.ProduceAsync(after, 0, "c")).ErrorCode.ShouldBe(ErrorCode.None);
        broker.Host.StorageFailure.ShouldBeNull();
    }

    private static async Task CheckAsync(KafkaConnectionHandler handler, byte[] input, string description)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Task serving = InMemoryKafkaClient.Serve(handler, input);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        await serving.WaitAsync(Soon);
        allocated.ShouldBeLessThan((AllocationFactor * input.Length) + AllocationSlack, description);
    }

    /// <summary>
    /// Whole frames: a request of every field's values, one of nulls and empty arrays, and, where records matter, true ones.
    /// </summary>
    private static IEnumerable<byte[]> Seeds(Api api, short version)
    {
        MessageVector vector = MessageVectors.Find($"{api.Key}Request", version)!;
        foreach (byte[] body in vector.All)
            yield return Frame(api, version, body);
        if (api.Key == ApiKey.Produce)
            yield return Request(Apis.Produce, version, ServedBroker.Produce(0, ServedBroker.Batch("x", "y")));
        if (api.Key == ApiKey.Fetch)
        {
            var topic = new FetchRequest.Topic { Name = "t", Partitions = [new() { PartitionMaxBytes = 1000 }] };
            yield return Request(Apis.Fetch, version,
                new FetchRequest { SessionEpoch = 0, MaxWaitMs = 10, MinBytes = 1, Topics = [topic] });
        }
    }

    private static byte[] Frame(Api api, short version, byte[] body)
    {
        using var buffer = new PooledBuffer();
        var writer = new KafkaWriter(buffer);
        writer.WriteInt32(0);
        writer.WriteInt16((short)api.Key);
        writer.WriteInt16(version);
        writer.WriteInt32(1);
        writer.WriteString("client", flexible: false);
        if (api.IsFlexible(version))
            writer.WriteUnsignedVarInt(0);
        buffer.Append(body);
        writer.PatchSizeAt(0);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Request<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, TRequest request)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        using var buffer = new PooledBuffer();
        api.WriteRequest(buffer, version, 1, "client", request);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Changes a frame behind its length; mostly, the length is made right again.</summary>
    private byte[] Mutate(byte[] frame)
    {
        var bytes = new List<byte>(frame);
        for (int changes = _random.Next(3); changes > 0 && bytes.Count > 8; changes--)
            MutateOnce(bytes);
        byte[] mutated = [.. bytes];
        if (mutated.Length >= 4 && _random.Next(10) > 0)
            BinaryPrimitives.WriteInt32BigEndian(mutated, mutated.Length - 4);
        return mutated;
    }

    private void MutateOnce(List<byte> bytes)
    {
        int at = _random.Next(4, bytes.Count);
        switch (_random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                byte[] number = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(number, _badNumbers[_random.Next(_badNumbers.Length)]);
                for (int i = 0; i < 4 && at + i < bytes.Count; i++)
                    bytes[at + i] = number[i];
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(_random.Next(1, 5), bytes.Count - at));
                break;
            default:
                int count = Math.Min(_random.Next(1, 40), bytes.Count - at);
                bytes.InsertRange(at, bytes.GetRange(at, count));
                break;
        }
    }

    /// <summary>Collects the exceptions that no handler foresaw.</summary>
    private sealed class FailureLog : ILogger<KafkaConnectionHandler>
    {
        public ConcurrentQueue<string> Failed { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Failed.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }
}

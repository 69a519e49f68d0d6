using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Support;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Network;

/// <summary><c>queued.max.request.bytes</c>: large requests that do not fit wait in their sockets, and all are served in the end.</summary>
public sealed class RequestMemoryTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_does_not_fit_waits_its_turn()
    {
        var memory = new RequestMemory(100);
        await memory.TakeAsync(90, default);
        await memory.TakeAsync(50, default); // begun while there is a byte left
        ValueTask third = memory.TakeAsync(10, default);
        ValueTask fourth = memory.TakeAsync(10, default);

        third.IsCompleted.ShouldBeFalse();
        memory.Return(40);
        third.IsCompleted.ShouldBeFalse();
        memory.Return(10);
        await third;
        fourth.IsCompleted.ShouldBeFalse("the first has filled it up again");
        memory.Return(50);
        await fourth;
        memory.Taken.ShouldBe(60);
    }

    [Fact]
    public async Task Who_goes_while_it_waits_holds_nobody_up()
    {
        var memory = new RequestMemory(10);
        await memory.TakeAsync(10, default);
        using var gone = new CancellationTokenSource();
        Task first = memory.TakeAsync(5, gone.Token).AsTask();
        Task second = memory.TakeAsync(5, default).AsTask();

        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        memory.Return(10);
        await second.WaitAsync(Soon);

        memory.Taken.ShouldBe(5);
    }

    [Fact]
    public async Task A_large_request_waits_while_another_is_half_there()
    {
        await using ServedBroker broker =
            await ServedBroker.OpenAsync(listener: new KafkaListenerOptions { MaxQueuedRequestBytes = 150_000 });
        var handler = new KafkaConnectionHandler(broker.Services, NullLogger<KafkaConnectionHandler>.Instance);
        await using var slow = new InMemoryKafkaClient(handler);
        await using var other = new InMemoryKafkaClient(handler);
        await using var small = new InMemoryKafkaClient(handler);
        byte[] large = await LargeAsync(slow);
        await slow.SendRawAsync(large[..^1]);
        byte[] next = await LargeAsync(other);
        Task sending = other.SendRawAsync(next);
        Task<byte[]> answer = other.ReceiveAsync();

        (await ServedBroker.ProduceAsync(small, 0, "small ones pass")).ErrorCode.ShouldBe(ErrorCode.None);
        broker.Services.RequestMemory.Taken.ShouldBe(large.Length - sizeof(int));
        answer.IsCompleted.ShouldBeFalse();
        await slow.SendRawAsync(large[^1..]);

        await slow.ReceiveAsync().WaitAsync(Soon);
        await sending.WaitAsync(Soon);
        await answer.WaitAsync(Soon);
        broker.Services.RequestMemory.Taken.ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_goes_gives_back_what_it_held()
    {
        await using ServedBroker broker =
            await ServedBroker.OpenAsync(listener: new KafkaListenerOptions { MaxQueuedRequestBytes = 150_000 });
        var handler = new KafkaConnectionHandler(broker.Services, NullLogger<KafkaConnectionHandler>.Instance);
        var client = new InMemoryKafkaClient(handler);
        byte[] large = await LargeAsync(client);
        await client.SendRawAsync(large[..^1]);

        await client.DisposeAsync();

        broker.Services.RequestMemory.Taken.ShouldBe(0);
    }

    /// <summary>Says ApiVersions, which allows more than 64 KiB, and makes a produce request of 200 KB.</summary>
    private static async Task<byte[]> LargeAsync(InMemoryKafkaClient client)
    {
        await client.AskAsync(Apis.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" });
        using var buffer = new PooledBuffer();
        Apis.Produce.WriteRequest(buffer, 9, 7, "test", ServedBroker.Produce(0, TestBatches.Sized(200_000)));
        return buffer.WrittenSpan.ToArray();
    }
}

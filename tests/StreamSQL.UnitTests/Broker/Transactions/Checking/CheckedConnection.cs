using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;

namespace StreamSQL.UnitTests.Broker.Transactions.Checking;

/// <summary>A client's connection over a network that loses answers, to a broker that loses power.</summary>
internal sealed class CheckedConnection(CheckedBroker broker, Random random) : IAsyncDisposable
{
    private const int OneLostIn = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private InMemoryKafkaClient? _client;
    private int _generation = -1;

    /// <summary>Sends a request; null when no answer came, whatever the broker did.</summary>
    public async Task<TResponse?> AskAsync<TRequest, TResponse>(Api<TRequest, TResponse> api, short version, TRequest request)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        var run = await broker.RunningAsync();
        try
        {
            var client = await ConnectAsync(run);
            var response = await client.AskAsync(api, version, request).WaitAsync(Patience);
            return broker.Accepts(run) && random.Next(OneLostIn) != 0 ? response : null;
        }
        catch (Exception e) when (e is ShouldAssertException or InvalidOperationException or IOException or TimeoutException)
        {
            broker.Accepts(run).ShouldBeFalse($"the connection failed although there is power: {e}");
            return null;
        }
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private async ValueTask<InMemoryKafkaClient> ConnectAsync(CheckedBroker.Run run)
    {
        if (_client is not null && _generation == run.Generation)
            return _client;
        await CloseAsync();
        (_client, _generation) = (new InMemoryKafkaClient(run.Connections), run.Generation);
        var hello = new ApiVersionsRequest { ClientSoftwareName = "check", ClientSoftwareVersion = "1" };
        await _client.AskAsync(Apis.ApiVersions, 3, hello).WaitAsync(Patience);
        return _client;
    }

    private async ValueTask CloseAsync()
    {
        if (_client is not { } client)
            return;
        _client = null;
        await ((Task)client.DisposeAsync().AsTask().WaitAsync(Patience)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

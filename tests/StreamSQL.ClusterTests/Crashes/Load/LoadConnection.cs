using System.Net;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.ClusterTests.Crashes.Load;

/// <summary>A connection of a load to the one broker, opened anew whenever it is lost.</summary>
internal sealed class LoadConnection(IPEndPoint address) : IAsyncDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly TcpClientOptions _options = new()
    {
        Bootstrap = [new DnsEndPoint(address.Address.ToString(), address.Port)], ClientId = "load",
        RequestTimeout = TimeSpan.FromSeconds(20),
        ConnectTimeout = TimeSpan.FromSeconds(5),
    };

    private BrokerConnection? _connection;

    /// <summary>
    /// Sends a request again and again until it is answered; null once the load has been told to stop and there is no answer.
    /// </summary>
    public async Task<TResponse?> AskAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, Func<TResponse, ErrorCode> errorOf, CancellationToken giveUp)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        while (!giveUp.IsCancellationRequested)
        {
            if (await TryAskAsync(api, request) is { } response && !MeansLater(errorOf(response)))
                return response;
            await Task.Delay(_pause, CancellationToken.None);
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    private static bool MeansLater(ErrorCode error) => RetriableErrors.IsRefusal(error) || RetriableErrors.IsUncertain(error);

    private async Task<TResponse?> TryAskAsync<TRequest, TResponse>(Api<TRequest, TResponse> api, TRequest request)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        try
        {
            if (_connection is { IsOpen: false } lost)
            {
                _connection = null;
                await lost.DisposeAsync();
            }

            _connection ??= await BrokerConnection.OpenAsync(_options.Bootstrap[0], _options, TimeProvider.System, CancellationToken.None);
            return await _connection.SendAsync(api, request, CancellationToken.None);
        }
        catch (KafkaException e) when (RetriableErrors.IsUncertain(e.Code))
        {
            return null;
        }
    }
}

using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Serves one Kafka API.</summary>
internal abstract class ApiHandler
{
    private protected ApiHandler(Api api) => Api = api;

    /// <summary>The API.</summary>
    public Api Api { get; }

    /// <summary>The lowest version advertised: lower than what is served where clients want to see it.</summary>
    public virtual short AdvertisedMinVersion => Api.MinVersion;

    /// <summary>The highest version served and advertised: below that of the messages where what it promises is not there yet.</summary>
    public virtual short MaxVersion => Api.MaxVersion;

    /// <summary>
    /// Whether a further request of the same connection may begin before this one is answered. The handler must then take effect before it
    /// first waits, so that requests take effect in order, and be done with the request's bytes; or say
    /// <see cref="RequestContext.RunsAlone"/>.
    /// </summary>
    public virtual bool MayOverlap => false;

    /// <summary>Serves a request: reads its body and writes the response frame, if there is one.</summary>
    /// <exception cref="Kafka.KafkaException"><see cref="Kafka.ErrorCode.InvalidRequest"/> when the body is malformed.</exception>
    public abstract ValueTask HandleAsync(RequestContext context);
}

/// <summary>Serves one Kafka API by its messages.</summary>
internal abstract class ApiHandler<TRequest, TResponse> : ApiHandler
    where TRequest : class, IApiMessage<TRequest>, new()
    where TResponse : class, IApiMessage<TResponse>, new()
{
    private readonly Api<TRequest, TResponse> _api;

    protected ApiHandler(Api<TRequest, TResponse> api)
        : base(api) => _api = api;

    public sealed override ValueTask HandleAsync(RequestContext context)
    {
        short version = context.Header.Version;
        var reader = new KafkaReader(context.Body);
        if (_api.IsFlexible(version))
            reader.SkipTaggedFields();
        ValueTask<TResponse?> response = HandleAsync(_api.ReadRequest(ref reader, version), context);
        if (!response.IsCompletedSuccessfully)
            return WriteWhenReadyAsync(context, response);
        Write(context, response.Result);
        return ValueTask.CompletedTask;
    }

    /// <summary>Serves a request; null when it gets no answer.</summary>
    protected abstract ValueTask<TResponse?> HandleAsync(TRequest request, RequestContext context);

    private async ValueTask WriteWhenReadyAsync(RequestContext context, ValueTask<TResponse?> response) => Write(context, await response);

    private void Write(RequestContext context, TResponse? response)
    {
        if (response is not null)
            _api.WriteResponse(context.Response, context.Header.Version, context.Header.CorrelationId, response);
    }
}

using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Tells clients which APIs and versions are served (KIP-35, KIP-511), and which features are in force (KIP-584).</summary>
internal sealed class ApiVersionsHandler(HandlerTable handlers, BrokerServices services) : ApiHandler(Apis.ApiVersions)
{
    private const short FirstWithSoftware = 3;
    private const short FirstWithLevelZero = 4;

    private readonly IReadOnlyList<BrokerFeature> _features = BrokerFeatures.Of(services.Host.Options);

    public override ValueTask HandleAsync(RequestContext context)
    {
        short version = context.Header.Version;
        if (version > MaxVersion || version < Api.MinVersion)
        {
            // Whoever is too new reads the oldest form, with the range of this API alone.
            var refusal = new ApiVersionsResponse { ErrorCode = ErrorCode.UnsupportedVersion, ApiKeys = [Range(this)] };
            Apis.ApiVersions.WriteResponse(context.Response, 0, context.Header.CorrelationId, refusal);
            return ValueTask.CompletedTask;
        }
        var response = new ApiVersionsResponse();
        if (!IsValid(context))
        {
            response.ErrorCode = ErrorCode.InvalidRequest;
            Apis.ApiVersions.WriteResponse(context.Response, version, context.Header.CorrelationId, response);
            return ValueTask.CompletedTask;
        }
        foreach (ApiHandler handler in handlers.All)
            response.ApiKeys.Add(Range(handler));
        AddFeatures(response, version);
        Apis.ApiVersions.WriteResponse(context.Response, version, context.Header.CorrelationId, response);
        return ValueTask.CompletedTask;
    }

    private static bool IsValid(RequestContext context)
    {
        short version = context.Header.Version;
        var reader = new KafkaReader(context.Body);
        if (Apis.ApiVersions.IsFlexible(version))
            reader.SkipTaggedFields();
        ApiVersionsRequest request = Apis.ApiVersions.ReadRequest(ref reader, version);
        return version < FirstWithSoftware || (IsValid(request.ClientSoftwareName) && IsValid(request.ClientSoftwareVersion));
    }

    // Letters, digits, '-' and '.', of which the last two neither begin nor end it (KIP-511).
    private static bool IsValid(string software)
    {
        foreach (char c in software)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.'))
                return false;
        }
        return software.Length > 0 && char.IsAsciiLetterOrDigit(software[0]) && char.IsAsciiLetterOrDigit(software[^1]);
    }

    private void AddFeatures(ApiVersionsResponse response, short version)
    {
        response.FinalizedFeaturesEpoch = BrokerFeatures.Epoch;
        foreach (BrokerFeature feature in _features)
        {
            // Clients that speak version 3 may fail on a lowest level of 0 (KAFKA-17492).
            if (feature.MinVersion > 0 || version >= FirstWithLevelZero)
                response.SupportedFeatures.Add(new()
                    { Name = feature.Name, MinVersion = feature.MinVersion, MaxVersion = feature.MaxVersion });
            if (feature.Finalized == 0)
                continue;
            response.FinalizedFeatures.Add(
                new() { Name = feature.Name, MaxVersionLevel = feature.Finalized, MinVersionLevel = feature.Finalized });
        }
    }

    private static ApiVersionsResponse.ApiVersion Range(ApiHandler handler) =>
        new() { ApiKey = (short)handler.Api.Key, MinVersion = handler.AdvertisedMinVersion, MaxVersion = handler.MaxVersion };
}

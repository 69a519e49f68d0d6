using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Tells clients which APIs and versions are served (KIP-35, KIP-511).</summary>
internal sealed class ApiVersionsHandler(HandlerTable handlers) : ApiHandler(Apis.ApiVersions)
{
    private const short FirstWithSoftware = 3;

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

    private static ApiVersionsResponse.ApiVersion Range(ApiHandler handler) =>
        new() { ApiKey = (short)handler.Api.Key, MinVersion = handler.AdvertisedMinVersion, MaxVersion = handler.MaxVersion };
}

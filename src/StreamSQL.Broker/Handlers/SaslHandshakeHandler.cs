using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Begins a login (KIP-43).</summary>
internal sealed class SaslHandshakeHandler() : ApiHandler<SaslHandshakeRequest, SaslHandshakeResponse>(Apis.SaslHandshake)
{
    private const short FirstWithAuthenticate = 1;

    protected override ValueTask<SaslHandshakeResponse?> HandleAsync(SaslHandshakeRequest request, RequestContext context)
    {
        var response = new SaslHandshakeResponse();
        if (context.Client.Sasl is not { User: null } session)
        {
            response.ErrorCode = ErrorCode.IllegalSaslState; // a listener without SASL, or who has logged in
            return new(response);
        }
        response.Mechanisms = [.. SaslSession.Mechanisms];
        if (!SaslSession.Mechanisms.Contains(request.Mechanism))
            response.ErrorCode = ErrorCode.UnsupportedSaslMechanism;
        else if (!session.TryBegin(request.Mechanism, isBare: context.Header.Version < FirstWithAuthenticate))
            response.ErrorCode = ErrorCode.IllegalSaslState;
        context.ClosesConnection = response.ErrorCode != ErrorCode.None;
        return new(response);
    }
}

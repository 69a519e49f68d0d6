using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Takes a message of a login (KIP-152).</summary>
internal sealed class SaslAuthenticateHandler(BrokerServices services)
    : ApiHandler<SaslAuthenticateRequest, SaslAuthenticateResponse>(Apis.SaslAuthenticate)
{
    protected override async ValueTask<SaslAuthenticateResponse?> HandleAsync(SaslAuthenticateRequest request, RequestContext context)
    {
        try
        {
            if (context.Client.Sasl?.Next(request.AuthBytes.Span) is { } answer)
                return new SaslAuthenticateResponse { AuthBytes = answer };
            return new SaslAuthenticateResponse
            {
                ErrorCode = ErrorCode.IllegalSaslState,
                ErrorMessage = "SaslAuthenticate comes after SaslHandshake, and not after a login.",
            };
        }
        catch (SaslException e)
        {
            context.RefuseLogin(e.Message);
            await Task.Delay(SaslSession.FailureDelay, services.Time, context.Stopping);
            return new SaslAuthenticateResponse { ErrorCode = ErrorCode.SaslAuthenticationFailed, ErrorMessage = e.Message };
        }
    }
}

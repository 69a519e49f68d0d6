using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>
/// Takes a message of a login that comes without anything around it, as after SaslHandshake 0. Nothing can be said of a failure there: the
/// connection is closed.
/// </summary>
internal sealed class SaslMessageHandler(BrokerServices services) : ApiHandler(Apis.SaslAuthenticate)
{
    public override async ValueTask HandleAsync(RequestContext context)
    {
        try
        {
            byte[] answer = context.Client.Sasl!.Next(context.Body.Span)!;
            new KafkaWriter(context.Response).WriteInt32(answer.Length);
            context.Response.Append(answer);
        }
        catch (SaslException e)
        {
            context.RefuseLogin(e.Message);
            await Task.Delay(SaslSession.FailureDelay, services.Time, context.Stopping);
        }
    }
}

using System.Net;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Sets and removes passwords of users: all that is asked for a user, or nothing of it.</summary>
internal sealed class AlterUserScramCredentialsHandler(BrokerServices services)
    : ApiHandler<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>(Apis.AlterUserScramCredentials)
{
    // Kafka's bounds.
    private const int MinIterations = 4096;
    private const int MaxIterations = 16_384;
    private const int MaxSaltBytes = 1024;

    protected override async ValueTask<AlterUserScramCredentialsResponse?> HandleAsync(
        AlterUserScramCredentialsRequest request, RequestContext context)
    {
        var response = new AlterUserScramCredentialsResponse();
        var names = request.Deletions.Select(static d => d.Name).Concat(request.Upsertions.Select(static u => u.Name)).Distinct();
        foreach (string name in names.ToList())
        {
            var result = new AlterUserScramCredentialsResponse.Result { User = name };
            response.Results.Add(result);
            try
            {
                await ChangeAsync(name, request, CallerOf(context.Client));
            }
            catch (KafkaException e)
            {
                (result.ErrorCode, result.ErrorMessage) = (e.Code, e.Message);
            }
        }

        return response;
    }

    private async Task ChangeAsync(string name, AlterUserScramCredentialsRequest request, UserCaller caller)
    {
        if (services.Users is not { } users)
            throw new KafkaException(ErrorCode.SecurityDisabled, "This server keeps no users.");
        if (name.Length == 0)
            throw new KafkaException(ErrorCode.UnacceptableCredential, "Username must not be empty");
        var changes = new Dictionary<ScramMechanism, ScramCredential?>();
        foreach (AlterUserScramCredentialsRequest.Deletion deletion in request.Deletions.Where(d => d.Name == name))
        {
            ScramMechanism mechanism = Add(changes, deletion.Mechanism, static _ => null);
            if (!users.List().Any(c => c.User == name && c.Mechanism == mechanism))
                throw new KafkaException(ErrorCode.ResourceNotFound, "Attempt to delete a user credential that does not exist");
        }

        foreach (AlterUserScramCredentialsRequest.Upsertion upsertion in request.Upsertions.Where(u => u.Name == name))
            Add(changes, upsertion.Mechanism, mechanism => CredentialOf(mechanism, upsertion));
        await users.ChangeAsync(new(name, changes), caller);
    }

    private static ScramMechanism Add(
        Dictionary<ScramMechanism, ScramCredential?> changes, sbyte number, Func<ScramMechanism, ScramCredential?> credential)
    {
        var mechanism = (ScramMechanism)number;
        if (!ScramMechanisms.All.Contains(mechanism))
            throw new KafkaException(ErrorCode.UnsupportedSaslMechanism, "Unknown SCRAM mechanism");
        if (!changes.TryAdd(mechanism, credential(mechanism)))
        {
            throw new KafkaException(
                ErrorCode.DuplicateResource, "A user credential cannot be altered twice in the same request");
        }

        return mechanism;
    }

    private static ScramCredential CredentialOf(ScramMechanism mechanism, AlterUserScramCredentialsRequest.Upsertion upsertion)
    {
        string? refusal = upsertion.Iterations < MinIterations ? "Too few iterations"
            : upsertion.Iterations > MaxIterations ? "Too many iterations"
            : upsertion.Salt.Length is 0 or > MaxSaltBytes ? $"A salt has 1 to {MaxSaltBytes} bytes"
            : upsertion.SaltedPassword.Length == 0 ? "The salted password is empty"
            : null;
        return refusal is null
            ? ScramMechanisms.CredentialOf(mechanism, upsertion.Salt.ToArray(), upsertion.Iterations, upsertion.SaltedPassword.Span)
            : throw new KafkaException(ErrorCode.UnacceptableCredential, refusal);
    }

    private static UserCaller CallerOf(ClientConnection client) =>
        new(client.Sasl?.User, IPAddress.TryParse(client.ClientHost.TrimStart('/'), out IPAddress? address) ? address : null);
}

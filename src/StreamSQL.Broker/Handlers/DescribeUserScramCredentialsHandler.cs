using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Tells which users can log in by SCRAM, and how often their passwords were hashed.</summary>
internal sealed class DescribeUserScramCredentialsHandler(BrokerServices services)
    : ApiHandler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>(Apis.DescribeUserScramCredentials)
{
    protected override ValueTask<DescribeUserScramCredentialsResponse?> HandleAsync(
        DescribeUserScramCredentialsRequest request, RequestContext context)
    {
        ILookup<string, UserCredential> known = (services.Users?.List() ?? []).ToLookup(static c => c.User, StringComparer.Ordinal);
        var response = new DescribeUserScramCredentialsResponse();
        if (request.Users is not { Count: > 0 } asked)
        {
            response.Results.AddRange(known.Select(ResultOf));
            return new(response);
        }

        foreach (IGrouping<string, string> name in asked.Select(static user => user.Name).GroupBy(static name => name))
        {
            response.Results.Add(
                name.Count() > 1 ? Refused(name.Key, ErrorCode.DuplicateResource,
                    $"Cannot describe SCRAM credentials for the same user twice in a single request: {name.Key}")
                : !known.Contains(name.Key) ? Refused(name.Key, ErrorCode.ResourceNotFound,
                    $"Attempt to describe a user credential that does not exist: {name.Key}")
                : ResultOf(known.First(user => user.Key == name.Key)));
        }

        return new(response);
    }

    private static DescribeUserScramCredentialsResponse.Result ResultOf(IGrouping<string, UserCredential> user) => new()
    {
        User = user.Key,
        CredentialInfos =
        [
            .. user.Select(static c => new DescribeUserScramCredentialsResponse.CredentialInfo
                { Mechanism = (sbyte)c.Mechanism, Iterations = c.Iterations }),
        ],
    };

    private static DescribeUserScramCredentialsResponse.Result Refused(string user, ErrorCode error, string message) =>
        new() { User = user, ErrorCode = error, ErrorMessage = message };
}

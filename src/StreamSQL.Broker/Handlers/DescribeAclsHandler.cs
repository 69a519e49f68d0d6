using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Says that there are no access control entries, as Kafka does without an authorizer.</summary>
internal sealed class DescribeAclsHandler() : ApiHandler<DescribeAclsRequest, DescribeAclsResponse>(Apis.DescribeAcls)
{
    /// <summary>What is said with <see cref="ErrorCode.SecurityDisabled"/>.</summary>
    public const string NoAuthorizer = "No authorizer is configured.";

    protected override ValueTask<DescribeAclsResponse?> HandleAsync(DescribeAclsRequest request, RequestContext context) =>
        new(new DescribeAclsResponse { ErrorCode = ErrorCode.SecurityDisabled, ErrorMessage = NoAuthorizer });
}

using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Makes no access control entries, since nothing would look at them.</summary>
internal sealed class CreateAclsHandler() : ApiHandler<CreateAclsRequest, CreateAclsResponse>(Apis.CreateAcls)
{
    protected override ValueTask<CreateAclsResponse?> HandleAsync(CreateAclsRequest request, RequestContext context) =>
        new(new CreateAclsResponse
        {
            Results =
            [
                .. request.Creations.Select(static _ => new CreateAclsResponse.Result
                {
                    ErrorCode = ErrorCode.SecurityDisabled, ErrorMessage = DescribeAclsHandler.NoAuthorizer,
                }),
            ],
        });
}

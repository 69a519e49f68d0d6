using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Deletes no access control entries: there are none.</summary>
internal sealed class DeleteAclsHandler() : ApiHandler<DeleteAclsRequest, DeleteAclsResponse>(Apis.DeleteAcls)
{
    protected override ValueTask<DeleteAclsResponse?> HandleAsync(DeleteAclsRequest request, RequestContext context) =>
        new(new DeleteAclsResponse
        {
            FilterResults =
            [
                .. request.Filters.Select(static _ => new DeleteAclsResponse.FilterResult
                {
                    ErrorCode = ErrorCode.SecurityDisabled, ErrorMessage = DescribeAclsHandler.NoAuthorizer,
                }),
            ],
        });
}

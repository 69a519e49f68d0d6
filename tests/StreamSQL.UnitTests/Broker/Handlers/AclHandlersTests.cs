using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

/// <summary>Without an authorizer the APIs of access control answer SECURITY_DISABLED, as Kafka's do.</summary>
public sealed class AclHandlersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Access_control_is_said_to_be_off(short version)
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();

        DescribeAclsResponse described = await client.AskAsync(Apis.DescribeAcls, version,
            new DescribeAclsRequest { ResourceTypeFilter = 2, Operation = 1, PermissionType = 1 });
        CreateAclsResponse created = await client.AskAsync(Apis.CreateAcls, version, new CreateAclsRequest
        {
            Creations = [new() { ResourceType = 2, ResourceName = "t", Principal = "User:ann", Host = "*", Operation = 3,
                PermissionType = 3 }],
        });
        DeleteAclsResponse deleted = await client.AskAsync(Apis.DeleteAcls, version, new DeleteAclsRequest
        {
            Filters = [new() { ResourceTypeFilter = 2, Operation = 1, PermissionType = 1 },
                new() { ResourceTypeFilter = 3, Operation = 1, PermissionType = 1 }],
        });

        described.ErrorCode.ShouldBe(ErrorCode.SecurityDisabled);
        described.ErrorMessage.ShouldNotBeNullOrEmpty();
        created.Results.Select(static r => r.ErrorCode).ShouldBe([ErrorCode.SecurityDisabled]);
        deleted.FilterResults.Select(static r => r.ErrorCode).ShouldBe([ErrorCode.SecurityDisabled, ErrorCode.SecurityDisabled]);
    }
}

namespace StreamSQL.Broker.Handlers;

/// <summary>
/// What a client may do with a resource, one bit per ACL operation (KIP-430). Without authorization, everybody may do all that the resource
/// has.
/// </summary>
internal static class AuthorizedOperations
{
    /// <summary>READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS.</summary>
    public const int Topic = Read | Write | Create | Delete | Alter | Describe | DescribeConfigs | AlterConfigs;

    /// <summary>READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS.</summary>
    public const int Group = Read | Delete | Describe | DescribeConfigs | AlterConfigs;

    /// <summary>CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE.</summary>
    public const int Cluster = Create | Alter | Describe | ClusterAction | DescribeConfigs | AlterConfigs | IdempotentWrite;

    private const int Read = 1 << 3;
    private const int Write = 1 << 4;
    private const int Create = 1 << 5;
    private const int Delete = 1 << 6;
    private const int Alter = 1 << 7;
    private const int Describe = 1 << 8;
    private const int ClusterAction = 1 << 9;
    private const int DescribeConfigs = 1 << 10;
    private const int AlterConfigs = 1 << 11;
    private const int IdempotentWrite = 1 << 12;
}

namespace StreamSQL.Broker.Groups;

/// <summary>
/// <c>group.consumer.migration.policy</c>: which ways between the protocols a group with members may go (KIP-848). One without members may
/// always change its protocol.
/// </summary>
[Flags]
public enum MigrationPolicy
{
    /// <summary>None.</summary>
    Disabled = 0,

    /// <summary>From the classic to the consumer protocol, when its first member joins.</summary>
    Upgrade = 1,

    /// <summary>From the consumer to the classic protocol, when the last member of the former leaves.</summary>
    Downgrade = 2,

    /// <summary>Both.</summary>
    Bidirectional = Upgrade | Downgrade,
}

namespace StreamSQL.Broker.Groups;

/// <summary>A member of a group.</summary>
internal sealed class GroupMember
{
    /// <summary>No request waits.</summary>
    public const long NoTicket = 0;

    public required string Id { get; set; }

    public required string? InstanceId { get; init; }

    public required string ClientId { get; set; }

    public required string ClientHost { get; set; }

    public required int RebalanceTimeoutMs { get; set; }

    public required int SessionTimeoutMs { get; set; }

    public required IReadOnlyList<GroupProtocol> Protocols { get; set; }

    /// <summary>What the leader assigned to it, opaque.</summary>
    public ReadOnlyMemory<byte> Assignment { get; set; }

    /// <summary>The join that waits for the generation, or <see cref="NoTicket"/>.</summary>
    public long JoinTicket { get; set; }

    /// <summary>The sync that waits for the leader, or <see cref="NoTicket"/>.</summary>
    public long SyncTicket { get; set; }

    /// <summary>Whether it has asked for its assignment in this generation.</summary>
    public bool HasSynced { get; set; }

    /// <summary>When its session ends unless it is heard of.</summary>
    public long SessionDeadlineMs { get; set; }

    /// <summary>Whether a request of it waits here, so that it is alive.</summary>
    public bool IsWaiting => JoinTicket != NoTicket || SyncTicket != NoTicket;

    /// <summary>What it says to an assignor; empty when it does not support it.</summary>
    public ReadOnlyMemory<byte> MetadataFor(string protocol)
    {
        foreach (GroupProtocol candidate in Protocols)
        {
            if (candidate.Name == protocol)
                return candidate.Metadata;
        }
        return default;
    }

    /// <summary>Whether it supports an assignor.</summary>
    public bool Supports(string protocol)
    {
        foreach (GroupProtocol candidate in Protocols)
        {
            if (candidate.Name == protocol)
                return true;
        }
        return false;
    }

    /// <summary>Whether it would say the same as before.</summary>
    public bool HasProtocols(IReadOnlyList<GroupProtocol> protocols)
    {
        if (protocols.Count != Protocols.Count)
            return false;
        for (int i = 0; i < protocols.Count; i++)
        {
            if (protocols[i].Name != Protocols[i].Name || !protocols[i].Metadata.Span.SequenceEqual(Protocols[i].Metadata.Span))
                return false;
        }
        return true;
    }
}

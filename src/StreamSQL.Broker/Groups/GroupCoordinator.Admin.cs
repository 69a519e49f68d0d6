using StreamSQL.Broker.Offsets;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Groups;

/// <content>Requests of administrators.</content>
public sealed partial class GroupCoordinator
{
    /// <summary>All groups.</summary>
    internal List<GroupListing> List()
    {
        var listings = new List<GroupListing>();
        foreach (GroupShard shard in Shards.All)
        {
            lock (shard.Gate)
            {
                foreach (GroupEntry entry in shard.Entries)
                {
                    if (entry.Exists)
                        listings.Add(entry.List());
                }
            }
        }
        return listings;
    }

    /// <summary>A group under the classic protocol as administrators see it; null when there is none.</summary>
    internal GroupDescription? DescribeClassic(string groupId)
    {
        if (Shards.Find(groupId) is not { } shard)
            return null;
        lock (shard.Gate)
        {
            if (shard.Find(groupId) is not { } entry)
                return null;
            if (entry.Consumer is not null)
                return null;
            return entry.Classic is { } classic ? classic.Describe() : new GroupDescription(groupId, GroupPhase.Empty, "", "", []);
        }
    }

    /// <summary>Deletes a group without members, with its offsets.</summary>
    internal ValueTask<ErrorCode> DeleteAsync(string groupId)
    {
        if (groupId.Length == 0)
            return new(ErrorCode.InvalidGroupId);
        if (_commits.IsDiskFull)
            return new(ErrorCode.CoordinatorNotAvailable);
        if (Shards.Find(groupId) is not { } shard)
            return new(ErrorCode.GroupIdNotFound);
        lock (shard.Gate)
        {
            if (shard.Find(groupId) is not { } entry)
                return new(ErrorCode.GroupIdNotFound);
            if (entry.HasMembers)
                return new(ErrorCode.NonEmptyGroup);
            shard.Write(
                entry, entry.Tombstones(), [.. entry.Offsets.Committed.Keys.Select(p => new OffsetRecord(groupId, p, null))]);
            Settle(shard, entry);
            return WhenDurable(entry, ErrorCode.None);
        }
    }
}

using StreamSQL.Broker.Groups.Records;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Groups;

/// <summary>
/// A record of <c>__consumer_offsets</c> about a group (its offsets are <see cref="Offsets.OffsetRecord"/>). A command of a group changes
/// nothing that lasts: it gives such records, and replaying them changes the group, now or after a restart.
/// </summary>
/// <param name="Type">Which of Kafka's records it is: the type of its key.</param>
/// <param name="GroupId">The group.</param>
/// <param name="Name">The member, or the regular expression; empty where the record is about the group as a whole.</param>
/// <param name="Value">The value's message; null deletes what earlier records with the same key said.</param>
internal readonly record struct GroupRecord(short Type, string GroupId, string Name, object? Value)
{
    private const short ClassicVersion = 3; // what brokers before Kafka 4 read as well

    /// <summary>A group of the classic protocol.</summary>
    public static GroupRecord Classic(string groupId, GroupMetadataValue? value) => new(GroupMetadataKey.Type, groupId, "", value);

    /// <summary>The epoch of a consumer group.</summary>
    public static GroupRecord Epoch(string groupId, ConsumerGroupMetadataValue? value) =>
        new(ConsumerGroupMetadataKey.Type, groupId, "", value);

    /// <summary>What a member of a consumer group asks for.</summary>
    public static GroupRecord Member(string groupId, string memberId, ConsumerGroupMemberMetadataValue? value) =>
        new(ConsumerGroupMemberMetadataKey.Type, groupId, memberId, value);

    /// <summary>The epoch of the target assignment.</summary>
    public static GroupRecord TargetEpoch(string groupId, ConsumerGroupTargetAssignmentMetadataValue? value) =>
        new(ConsumerGroupTargetAssignmentMetadataKey.Type, groupId, "", value);

    /// <summary>What a member shall have.</summary>
    public static GroupRecord Target(string groupId, string memberId, ConsumerGroupTargetAssignmentMemberValue? value) =>
        new(ConsumerGroupTargetAssignmentMemberKey.Type, groupId, memberId, value);

    /// <summary>What a member has.</summary>
    public static GroupRecord Current(string groupId, string memberId, ConsumerGroupCurrentMemberAssignmentValue? value) =>
        new(ConsumerGroupCurrentMemberAssignmentKey.Type, groupId, memberId, value);

    /// <summary>The topics that a regular expression matches.</summary>
    public static GroupRecord Regex(string groupId, string regex, ConsumerGroupRegularExpressionValue? value) =>
        new(ConsumerGroupRegularExpressionKey.Type, groupId, regex, value);

    /// <summary>Appends the record to a batch.</summary>
    public void AppendTo(RecordBatchBuilder batch, PooledBuffer scratch, long nowMs)
    {
        scratch.Clear();
        WriteKey(scratch);
        int keyLength = scratch.Length;
        WriteValue(scratch);
        ReadOnlySpan<byte> bytes = scratch.WrittenSpan;
        batch.Append(bytes[..keyLength], true, bytes[keyLength..], Value is not null, nowMs);
    }

    /// <summary>Reads a record; false when its key is of a type that is not kept here.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/>.</exception>
    public static bool TryRead(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, bool hasValue, out GroupRecord record)
    {
        record = ReadKey(key);
        if (record.GroupId is null)
            return false;
        if (hasValue)
            record = record with { Value = ReadValue(record.Type, value) };
        return true;
    }

    private void WriteKey(PooledBuffer target)
    {
        switch (Type)
        {
            case GroupMetadataKey.Type:
                GroupMetadataKey.Codec.Write(target, new() { Group = GroupId });
                break;
            case ConsumerGroupMetadataKey.Type:
                ConsumerGroupMetadataKey.Codec.Write(target, new() { GroupId = GroupId });
                break;
            case ConsumerGroupMemberMetadataKey.Type:
                ConsumerGroupMemberMetadataKey.Codec.Write(target, new() { GroupId = GroupId, MemberId = Name });
                break;
            case ConsumerGroupTargetAssignmentMetadataKey.Type:
                ConsumerGroupTargetAssignmentMetadataKey.Codec.Write(target, new() { GroupId = GroupId });
                break;
            case ConsumerGroupTargetAssignmentMemberKey.Type:
                ConsumerGroupTargetAssignmentMemberKey.Codec.Write(target, new() { GroupId = GroupId, MemberId = Name });
                break;
            case ConsumerGroupCurrentMemberAssignmentKey.Type:
                ConsumerGroupCurrentMemberAssignmentKey.Codec.Write(target, new() { GroupId = GroupId, MemberId = Name });
                break;
            case ConsumerGroupRegularExpressionKey.Type:
                ConsumerGroupRegularExpressionKey.Codec.Write(target, new() { GroupId = GroupId, RegularExpression = Name });
                break;
        }
    }

    private void WriteValue(PooledBuffer target)
    {
        switch (Value)
        {
            case GroupMetadataValue value:
                GroupMetadataValue.Codec.Write(target, value, ClassicVersion);
                break;
            case ConsumerGroupMetadataValue value:
                ConsumerGroupMetadataValue.Codec.Write(target, value);
                break;
            case ConsumerGroupMemberMetadataValue value:
                ConsumerGroupMemberMetadataValue.Codec.Write(target, value);
                break;
            case ConsumerGroupTargetAssignmentMetadataValue value:
                ConsumerGroupTargetAssignmentMetadataValue.Codec.Write(target, value);
                break;
            case ConsumerGroupTargetAssignmentMemberValue value:
                ConsumerGroupTargetAssignmentMemberValue.Codec.Write(target, value);
                break;
            case ConsumerGroupCurrentMemberAssignmentValue value:
                ConsumerGroupCurrentMemberAssignmentValue.Codec.Write(target, value);
                break;
            case ConsumerGroupRegularExpressionValue value:
                ConsumerGroupRegularExpressionValue.Codec.Write(target, value);
                break;
        }
    }

    private static GroupRecord ReadKey(ReadOnlyMemory<byte> bytes)
    {
        switch (CoordinatorCodec.TypeOf(bytes))
        {
            case GroupMetadataKey.Type:
                return Classic(GroupMetadataKey.Codec.Read(bytes).Group, null);
            case ConsumerGroupMetadataKey.Type:
                return Epoch(ConsumerGroupMetadataKey.Codec.Read(bytes).GroupId, null);
            case ConsumerGroupMemberMetadataKey.Type:
                ConsumerGroupMemberMetadataKey member = ConsumerGroupMemberMetadataKey.Codec.Read(bytes);
                return Member(member.GroupId, member.MemberId, null);
            case ConsumerGroupTargetAssignmentMetadataKey.Type:
                return TargetEpoch(ConsumerGroupTargetAssignmentMetadataKey.Codec.Read(bytes).GroupId, null);
            case ConsumerGroupTargetAssignmentMemberKey.Type:
                ConsumerGroupTargetAssignmentMemberKey target = ConsumerGroupTargetAssignmentMemberKey.Codec.Read(bytes);
                return Target(target.GroupId, target.MemberId, null);
            case ConsumerGroupCurrentMemberAssignmentKey.Type:
                ConsumerGroupCurrentMemberAssignmentKey current = ConsumerGroupCurrentMemberAssignmentKey.Codec.Read(bytes);
                return Current(current.GroupId, current.MemberId, null);
            case ConsumerGroupRegularExpressionKey.Type:
                ConsumerGroupRegularExpressionKey regex = ConsumerGroupRegularExpressionKey.Codec.Read(bytes);
                return Regex(regex.GroupId, regex.RegularExpression, null);
            default:
                return default;
        }
    }

    private static object ReadValue(short type, ReadOnlyMemory<byte> bytes) => type switch
    {
        GroupMetadataKey.Type => GroupMetadataValue.Codec.Read(bytes),
        ConsumerGroupMetadataKey.Type => ConsumerGroupMetadataValue.Codec.Read(bytes),
        ConsumerGroupMemberMetadataKey.Type => ConsumerGroupMemberMetadataValue.Codec.Read(bytes),
        ConsumerGroupTargetAssignmentMetadataKey.Type => ConsumerGroupTargetAssignmentMetadataValue.Codec.Read(bytes),
        ConsumerGroupTargetAssignmentMemberKey.Type => ConsumerGroupTargetAssignmentMemberValue.Codec.Read(bytes),
        ConsumerGroupCurrentMemberAssignmentKey.Type => ConsumerGroupCurrentMemberAssignmentValue.Codec.Read(bytes),
        _ => ConsumerGroupRegularExpressionValue.Codec.Read(bytes),
    };
}

using System.Collections;
using System.Reflection;
using System.Text;
using StreamSQL.Kafka;

namespace StreamSQL.UnitTests.Kafka.Protocol;

/// <summary>
/// Checks what was decoded from a full vector: each field must have the value that follows from its name in Kafka's definition, so that no
/// two fields of a type can stand in each other's place. A field that the version does not have keeps its default.
/// </summary>
internal static class VectorValueCheck
{
    private const string First = "1";
    private const string Second = "2"; // the second element of an array: nulls and empty arrays where they may be

    // Where the product's name of a field is not the definition's.
    private static readonly Dictionary<string, string> _definedNames = new()
    {
        ["AddPartitionsToTxnRequest.TransactionalId"] = "V3AndBelowTransactionalId",
        ["AddPartitionsToTxnRequest.ProducerId"] = "V3AndBelowProducerId",
        ["AddPartitionsToTxnRequest.ProducerEpoch"] = "V3AndBelowProducerEpoch",
        ["AddPartitionsToTxnResponse.Partition.ErrorCode"] = "PartitionErrorCode",
        ["DescribeLogDirsRequest.Topic.Name"] = "Topic",
        ["ElectLeadersRequest.Topic.Name"] = "Topic",
        ["FetchRequest.Topic.Name"] = "Topic",
        ["FetchResponse.Topic.Name"] = "Topic",
        ["FetchRequest.Partition.PartitionIndex"] = "Partition",
        ["OffsetForLeaderEpochRequest.Topic.Name"] = "Topic",
        ["OffsetForLeaderEpochRequest.Partition.PartitionIndex"] = "Partition",
        ["OffsetForLeaderEpochResponse.Topic.Name"] = "Topic",
        ["TransactionLogValue.Topic.Name"] = "Topic",
    };

    public static void Check(object message) => Check(message, First);

    private static void Check(object message, string place)
    {
        Type type = message.GetType();
        object defaults = Activator.CreateInstance(type)!;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            string path = $"{type.DeclaringType?.Name}.{type.Name}.{field.Name}".TrimStart('.');
            object? value = field.GetValue(message);
            CheckField(path, _definedNames.GetValueOrDefault(path, field.Name), value, field.GetValue(defaults), place);
        }
    }

    private static void CheckField(string path, string name, object? value, object? defaultValue, string place)
    {
        bool isLeftOut = value switch
        {
            null => defaultValue is null,
            ReadOnlyMemory<byte> bytes => bytes.IsEmpty,
            ICollection { Count: 0 } => true,
            _ => value.Equals(defaultValue),
        };
        if (isLeftOut || (value is null && place == Second))
            return;
        if (value is IList list)
        {
            list.Count.ShouldBe(2, path);
            CheckElement(path, name, list[0]!, First);
            CheckElement(path, name, list[1]!, Second);
            return;
        }
        CheckElement(path, name, value!, place);
    }

    private static void CheckElement(string path, string name, object value, string place)
    {
        ulong hash = Hash(place + name.ToLowerInvariant());
        switch (value)
        {
            case bool flag:
                flag.ShouldBe(place == First || Hash(Second + name.ToLowerInvariant()) % 2 == 0, path);
                break;
            case sbyte number:
                number.ShouldBe((sbyte)(hash >> 57), path);
                break;
            case short number:
                number.ShouldBe((short)(hash >> 49), path);
                break;
            case ErrorCode code:
                ((short)code).ShouldBe((short)(hash >> 49), path);
                break;
            case ushort number:
                number.ShouldBe((ushort)(hash >> 48), path);
                break;
            case int number:
                number.ShouldBe((int)(hash >> 33), path);
                break;
            case long number:
                number.ShouldBe((long)(hash >> 1), path);
                break;
            case double number:
                number.ShouldBe((hash >> 33) + 0.5, path);
                break;
            case string text:
                text.ShouldBe(((ushort)(hash >> 48)).ToString("x4", null), path);
                break;
            case Guid uuid:
                uuid.ShouldBe(new Guid([.. Enumerable.Range(0, 16).Select(i => (byte)((hash >> (i % 8 * 8)) + (ulong)i))], bigEndian: true),
                    path);
                break;
            case ReadOnlyMemory<byte> bytes:
                bytes.ToArray().ShouldBe([(byte)(hash >> 56), (byte)(hash >> 48), (byte)(hash >> 40)], path);
                break;
            default:
                Check(value, place);
                break;
        }
    }

    private static ulong Hash(string text) =>
        Encoding.ASCII.GetBytes(text).Aggregate(14695981039346656037UL, static (hash, b) => (hash ^ b) * 1099511628211);
}

using System.Reflection;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.UnitTests.Kafka.Protocol;

namespace StreamSQL.UnitTests.Broker.Partitions;

/// <summary>Every version of every record of the coordinator topics, against bytes that were made from Kafka's definitions.</summary>
public class CoordinatorCodecTests
{
    private static readonly Dictionary<string, string> _sameBytesAs = new()
    {
        ["LegacyOffsetCommitKey"] = "OffsetCommitKey",
        ["LegacyOffsetCommitValue"] = "OffsetCommitValue",
    };

    private static readonly Dictionary<string, object> _codecs = typeof(CoordinatorCodec).Assembly.GetTypes()
        .Select(t => (t.Name, Field: t.GetField("Codec", BindingFlags.Public | BindingFlags.Static)))
        .Where(t => t.Field?.FieldType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(CoordinatorCodec<>))
        .ToDictionary(t => t.Name, t => t.Field!.GetValue(null)!);

    public static TheoryData<string, short> Versions
    {
        get
        {
            var data = new TheoryData<string, short>();
            foreach ((string name, short version) in MessageVectors.Names)
            {
                if (_codecs.ContainsKey(_sameBytesAs.GetValueOrDefault(name, name)))
                    data.Add(name, version);
            }
            return data;
        }
    }

    [Fact]
    public void Every_record_has_vectors_and_every_vector_a_record()
    {
        MessageVectors.Names.Select(n => n.Name).Distinct()
            .Where(n => !n.EndsWith("Request", StringComparison.Ordinal) && !n.EndsWith("Response", StringComparison.Ordinal))
            .Except(_sameBytesAs.Keys)
            .ShouldBe(_codecs.Keys, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_version_is_written_as_it_was_read_and_refused_when_it_is_malformed(string name, short version)
    {
        MessageVector vector = MessageVectors.Find(name, version)!;
        VectorCodec codec = CodecOf(name, vector);

        codec.CheckRoundTrip(vector);
        codec.CheckPrefixes(vector, ErrorCode.CorruptMessage);
        codec.CheckMutations(vector, ErrorCode.CorruptMessage);
    }

    private static VectorCodec CodecOf(string name, MessageVector vector)
    {
        object codec = _codecs[_sameBytesAs.GetValueOrDefault(name, name)];
        short number = CoordinatorCodec.TypeOf(vector.Defaults);
        return (VectorCodec)typeof(CoordinatorCodecTests).GetMethod(nameof(Wrap), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(codec.GetType().GetGenericArguments())
            .Invoke(null, [codec, number])!;
    }

    private static VectorCodec Wrap<T>(CoordinatorCodec<T> codec, short number)
        where T : class, new() =>
        new(bytes => codec.Read(bytes), (buffer, message) => codec.Write(buffer, (T)message, number));
}

using System.Reflection;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.UnitTests.Kafka.Protocol;

/// <summary>Every version of every message, against bytes that were made from Kafka's definitions.</summary>
public class MessageVectorTests
{
    public static TheoryData<ApiKey, short> Versions
    {
        get
        {
            var data = new TheoryData<ApiKey, short>();
            foreach (Api api in Apis.All)
            {
                for (short version = api.MinVersion; version <= api.MaxVersion; version++)
                    data.Add(api.Key, version);
            }
            return data;
        }
    }

    [Fact]
    public void Every_API_is_listed_once() => Apis.All.Select(a => a.Key).Distinct().Count().ShouldBe(Enum.GetValues<ApiKey>().Length);

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_version_is_written_as_it_was_read_and_has_the_right_values(ApiKey key, short version)
    {
        foreach ((VectorCodec codec, MessageVector vector) in Messages(key, version))
            codec.CheckRoundTrip(vector);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_prefix_and_many_mutations_are_refused_cleanly(ApiKey key, short version)
    {
        foreach ((VectorCodec codec, MessageVector vector) in Messages(key, version))
        {
            codec.CheckPrefixes(vector, ErrorCode.InvalidRequest);
            codec.CheckMutations(vector, ErrorCode.InvalidRequest);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Unknown_tagged_fields_are_skipped(ApiKey key, short version)
    {
        if (!Apis.All.Single(a => a.Key == key).IsFlexible(version))
            return;
        foreach ((VectorCodec codec, MessageVector vector) in Messages(key, version))
            codec.CheckUnknownTag(vector);
    }

    private static IEnumerable<(VectorCodec Codec, MessageVector Vector)> Messages(ApiKey key, short version)
    {
        Api api = Apis.All.Single(a => a.Key == key);
        var codecs = (VectorCodec[])typeof(MessageVectorTests).GetMethod(nameof(CodecsOf), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(api.GetType().GetGenericArguments())
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [api, version], null)!;
        string[] names = [$"{key}Request", $"{key}Response"];
        foreach ((string name, VectorCodec codec) in names.Zip(codecs))
        {
            MessageVector? vector = MessageVectors.Find(name, version);
            vector.ShouldNotBeNull($"{name} {version} has no vector: make them again, see the head of the file");
            yield return (codec, vector);
        }
    }

    private static VectorCodec[] CodecsOf<TRequest, TResponse>(Api<TRequest, TResponse> api, short version)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new() =>
    [
        new(
            bytes =>
            {
                var reader = new KafkaReader(bytes);
                return api.ReadRequest(ref reader, version);
            },
            (buffer, message) => api.WriteRequestBody(new KafkaWriter(buffer), version, (TRequest)message)),
        new(
            bytes =>
            {
                var reader = new KafkaReader(bytes);
                return api.ReadResponse(ref reader, version);
            },
            (buffer, message) => api.WriteResponseBody(new KafkaWriter(buffer), version, (TResponse)message)),
    ];
}

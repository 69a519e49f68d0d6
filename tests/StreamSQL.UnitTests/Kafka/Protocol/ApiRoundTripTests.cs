using System.Reflection;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.UnitTests.Kafka.Protocol;

public class ApiRoundTripTests
{
    private delegate void Encode(PooledBuffer target, object message);

    private delegate object Decode(ReadOnlyMemory<byte> frame);

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

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_version_is_read_as_it_was_written(ApiKey key, short version) => Walk(key, version, RoundTrip);

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_prefix_and_many_mutations_are_refused_cleanly(ApiKey key, short version) => Walk(key, version, Mutate);

    [Fact]
    public void Every_API_is_listed_once() => Apis.All.Select(a => a.Key).Distinct().Count().ShouldBe(Enum.GetValues<ApiKey>().Length);

    private static void RoundTrip(object message, Encode encode, Decode decode)
    {
        byte[] first = Bytes(encode, message);
        byte[] second = Bytes(encode, decode(first));

        Convert.ToHexString(second).ShouldBe(Convert.ToHexString(first));
    }

    private static void Mutate(object message, Encode encode, Decode decode)
    {
        byte[] good = Bytes(encode, message);
        for (int length = 0; length < good.Length; length++)
            Should.Throw<KafkaException>(() => decode(good.AsMemory(0, length))).Code.ShouldBe(ErrorCode.InvalidRequest);
        var random = new Random(5);
        for (int round = 0; round < 100; round++)
        {
            byte[] bad = [.. good];
            for (int i = random.Next(4); i >= 0 && bad.Length > 0; i--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                decode(bad);
            }
            catch (KafkaException e)
            {
                e.Code.ShouldBe(ErrorCode.InvalidRequest);
            }
        }
    }

    private static byte[] Bytes(Encode encode, object message)
    {
        using var buffer = new PooledBuffer();
        encode(buffer, message);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Walk(ApiKey key, short version, Action<object, Encode, Decode> check)
    {
        Api api = Apis.All.Single(a => a.Key == key);
        typeof(ApiRoundTripTests).GetMethod(nameof(WalkBodies), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(api.GetType().GetGenericArguments())
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [api, version, check], null);
    }

    private static void WalkBodies<TRequest, TResponse>(
        Api<TRequest, TResponse> api, short version, Action<object, Encode, Decode> check)
        where TRequest : class, new()
        where TResponse : class, new()
    {
        var filler = new MessageFiller(version);
        check(
            filler.Fill(typeof(TRequest)),
            (buffer, message) => api.WriteRequestBody(new KafkaWriter(buffer), version, (TRequest)message),
            frame => ReadAll(frame, (ref KafkaReader reader) => api.ReadRequest(ref reader, version)));
        check(
            filler.Fill(typeof(TResponse)),
            (buffer, message) => api.WriteResponseBody(new KafkaWriter(buffer), version, (TResponse)message),
            frame => ReadAll(frame, (ref KafkaReader reader) => api.ReadResponse(ref reader, version)));
    }

    private delegate object ReadBody(ref KafkaReader reader);

    private static object ReadAll(ReadOnlyMemory<byte> frame, ReadBody read)
    {
        var reader = new KafkaReader(frame);
        object message = read(ref reader);
        return message;
    }
}

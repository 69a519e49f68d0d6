using System.Text;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Kafka.Records;

public class KeyPartitionerTests
{
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hash_is_that_of_Kafka_clients(string key, int hash) =>
        ((int)KeyPartitioner.Murmur2(Encoding.ASCII.GetBytes(key))).ShouldBe(hash);

    [Fact]
    public void Partition_is_the_positive_hash_modulo_the_count() =>
        KeyPartitioner.PartitionOf("foobar"u8, 4).ShouldBe((-790332482 & 0x7fffffff) % 4);
}

using System.Numerics;
using System.Text;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Kafka.Records;

public class Crc32CTests
{
    [Fact]
    public void Matches_the_vectors_of_RFC_3720()
    {
        Crc32C.Compute(new byte[32]).ShouldBe(0x8A9136AAu);
        Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()).ShouldBe(0x62A8AB43u);
        Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")).ShouldBe(0xE3069283u);
    }

    [Theory]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(2303)]
    [InlineData(2304)]
    [InlineData(1_048_583)]
    [InlineData(1535)]
    [InlineData(1536)]
    [InlineData(1537)]
    [InlineData(3072)]
    [InlineData(100_003)]
    public void Folding_and_interleaved_lanes_give_the_same_as_one_byte_after_another(int length)
    {
        var data = new byte[length];
        new Random(length).NextBytes(data);
        uint expected = ~0u;
        foreach (byte b in data)
            expected = BitOperations.Crc32C(expected, b);

        Crc32C.Compute(data).ShouldBe(~expected);
    }
}

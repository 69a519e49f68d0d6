using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Kafka.Records;

public class VarIntTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(-1, "01")]
    [InlineData(1, "02")]
    [InlineData(-64, "7F")]
    [InlineData(64, "8001")]
    [InlineData(int.MaxValue, "FEFFFFFF0F")]
    [InlineData(int.MinValue, "FFFFFFFF0F")]
    public void Signed_32_bit_values_are_zig_zag_encoded(int value, string hex)
    {
        var target = new byte[VarInt.MaxSize32];
        int size = VarInt.WriteInt32(target, value);

        Convert.ToHexString(target, 0, size).ShouldBe(hex);
        VarInt.SizeOfInt32(value).ShouldBe(size);
        int at = 0;
        VarInt.TryReadInt32(target.AsSpan(0, size), ref at, out int read).ShouldBeTrue();
        read.ShouldBe(value);
        at.ShouldBe(size);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(1L << 34)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Signed_64_bit_values_round_trip(long value)
    {
        var target = new byte[VarInt.MaxSize64];
        int size = VarInt.WriteInt64(target, value);
        int at = 0;

        VarInt.TryReadInt64(target.AsSpan(0, size), ref at, out long read).ShouldBeTrue();
        read.ShouldBe(value);
        VarInt.SizeOfInt64(value).ShouldBe(size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("FFFFFFFF")]
    [InlineData("FFFFFFFF1F")] // bit 32 set
    [InlineData("808080808000")] // six bytes
    public void Truncated_or_oversized_32_bit_values_are_rejected(string hex)
    {
        int at = 0;
        VarInt.TryReadUInt32(Convert.FromHexString(hex), ref at, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF")]
    [InlineData("FFFFFFFFFFFFFFFFFF02")] // bit 64 set
    [InlineData("FFFFFFFFFFFFFFFFFF8100")] // eleven bytes
    public void Truncated_or_oversized_64_bit_values_are_rejected(string hex)
    {
        int at = 0;
        VarInt.TryReadUInt64(Convert.FromHexString(hex), ref at, out _).ShouldBeFalse();
    }
}

using StreamSQL.Server.Hosting;

namespace StreamSQL.UnitTests.Server;

public class DescriptorLimitTests
{
    [Theory]
    [InlineData(1024, "Max processes  1 1 processes\nMax open files   1024   524288   files\nMax locked memory  8 8 bytes\n")]
    [InlineData(20000, "Max open files            20000                20000                files     \n")]
    [InlineData(null, "Max open files            unlimited            unlimited            files     \n")]
    [InlineData(null, "Max processes             127235               127235               processes \n")]
    public void The_soft_limit_is_the_first_number_of_its_line(int? limit, string limits) =>
        DescriptorLimit.SoftLimit(limits).ShouldBe(limit);
}

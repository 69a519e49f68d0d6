using StreamSQL.Server.Hosting;

namespace StreamSQL.UnitTests.Server;

public class ProcessAgeTests
{
    [Fact]
    public void The_age_is_the_uptime_since_the_start_whatever_the_process_is_called()
    {
        const string Stat = "4242 (a ) (b) S 1 4242 4242 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 1000 10 18446744073709551615";

        ProcessAge.Between(Stat, "1236.31 99.00\n").TotalMilliseconds.ShouldBe(1750, 0.001);
        ProcessAge.Between(Stat, "1234.50 99.00\n").ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void This_process_has_run_for_a_while() => ProcessAge.Read().ShouldBeInRange(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
}

using System.Net;
using StreamSQL.Postgres.Connections;
using StreamSQL.UnitTests.Broker;

namespace StreamSQL.UnitTests.Postgres.Authentication;

public class CancelLimiterTests
{
    private static readonly IPAddress s_guesser = IPAddress.Parse("10.0.0.1");

    private readonly ManualTime _time = new();

    [Fact]
    public void Who_sends_many_wrong_keys_is_not_listened_to_for_a_while()
    {
        var limiter = new CancelLimiter(_time);
        for (var i = 0; i < CancelLimiter.Burst; i++)
        {
            limiter.IsOpen(s_guesser).ShouldBeTrue();
            limiter.Wrong(s_guesser);
        }

        limiter.IsOpen(s_guesser).ShouldBeFalse();
        limiter.IsOpen(IPAddress.Parse("10.0.0.2")).ShouldBeTrue();
        _time.Advance(CancelLimiter.Refill);
        limiter.IsOpen(s_guesser).ShouldBeTrue();
        limiter.Wrong(s_guesser);
        limiter.IsOpen(s_guesser).ShouldBeFalse();
    }

    [Fact]
    public void A_network_of_IPv6_counts_as_one_address()
    {
        var limiter = new CancelLimiter(_time);
        for (var i = 0; i < CancelLimiter.Burst; i++)
            limiter.Wrong(IPAddress.Parse($"2001:db8::{i + 1:x}"));
        limiter.IsOpen(IPAddress.Parse("2001:db8::ffff")).ShouldBeFalse();
        limiter.IsOpen(IPAddress.Parse("2001:db8:0:1::1")).ShouldBeTrue();
    }

    [Fact]
    public void Addresses_beyond_its_room_do_not_take_more_memory_and_do_not_shut_others_out()
    {
        var limiter = new CancelLimiter(_time);
        for (var i = 0; i < 25_000; i++)
            limiter.Wrong(new IPAddress(i + 1));
        limiter.IsOpen(new IPAddress(1)).ShouldBeTrue();
    }
}

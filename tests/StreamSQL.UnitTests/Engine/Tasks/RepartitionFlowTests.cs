using StreamSQL.Engine.Tasks;

namespace StreamSQL.UnitTests.Engine.Tasks;

public class RepartitionFlowTests
{
    [Fact]
    public void Who_writes_too_much_waits_until_enough_is_read_and_is_woken_once()
    {
        var flow = new RepartitionFlow(100);
        var woken = 0;
        void Wake() => woken++;
        flow.Produced(99, records: 1);
        flow.MustPause(Wake).ShouldBeFalse();

        flow.Produced(51, records: 1);
        flow.MustPause(Wake).ShouldBeTrue();
        flow.Consumed(50);
        woken.ShouldBe(0);
        flow.Consumed(1);
        woken.ShouldBe(1);
        flow.MustPause(Wake).ShouldBeFalse();
        flow.Consumed(10);
        woken.ShouldBe(1);
    }

    [Fact]
    public void What_lay_there_at_the_start_does_not_widen_the_bound_for_good()
    {
        var flow = new RepartitionFlow(100);
        flow.Consumed(1_000_000);

        flow.Produced(100, records: 1);

        flow.MustPause(static () => { }).ShouldBeTrue();
    }
}

using StreamSQL.Engine.Sessions.Notifications;

namespace StreamSQL.UnitTests.Engine.Sessions;

public class NotificationQueueTests
{
    [Fact]
    public void Who_does_not_take_loses_the_newest_and_learns_how_many()
    {
        var queue = new NotificationQueue();
        for (var i = 0; i < 1500; i++)
            queue.Add(new(1, "news", $"{i}"));
        for (var i = 0; i < 1024; i++)
            Take(queue).ShouldBe($"{i}");
        queue.HasAny.ShouldBeTrue();
        queue.TakeLost().ShouldBe(476);
        queue.HasAny.ShouldBeFalse();
        queue.Add(new(1, "news", "again"));
        Take(queue).ShouldBe("again");
        queue.TakeLost().ShouldBe(0);
    }

    [Fact]
    public void Long_texts_are_bounded_by_their_length()
    {
        var queue = new NotificationQueue();
        var text = new string('x', 8000);
        for (var i = 0; i < 1000; i++)
            queue.Add(new(1, "news", text));
        var kept = 0;
        while (queue.TryTake(out _))
            kept++;
        kept.ShouldBe(1024 * 1024 / 8000);
        queue.TakeLost().ShouldBe(1000 - kept);
    }

    [Fact]
    public async Task A_loss_alone_wakes_too()
    {
        var queue = new NotificationQueue();
        for (var i = 0; i < 1025; i++)
            queue.Add(new(1, "news", ""));
        while (queue.TryTake(out _))
        {
            // All that was kept.
        }

        await queue.WhenAnyAsync().WaitAsync(TimeSpan.FromSeconds(5));
        queue.TakeLost().ShouldBe(1);
    }

    private static string Take(NotificationQueue queue) => queue.TryTake(out var notification) ? notification.Payload : "nothing";
}

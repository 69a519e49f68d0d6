using StreamSQL.Engine.Tasks;

namespace StreamSQL.UnitTests.Engine.Tasks;

public class WorkerThreadsTests
{
    [Fact]
    public async Task Who_enters_goes_on_outside_the_pool_and_what_it_waits_for_inside()
    {
        using var threads = new WorkerThreads();

        await threads.Enter();
        Thread.CurrentThread.IsThreadPoolThread.ShouldBeFalse();

        await Task.Yield();
        Thread.CurrentThread.IsThreadPoolThread.ShouldBeTrue();
    }

    [Fact]
    public async Task More_than_there_are_threads_take_turns()
    {
        using var threads = new WorkerThreads();
        var entered = 0;
        var all = 4 * Environment.ProcessorCount;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        giveUp.CancelAfter(TimeSpan.FromSeconds(60));

        await Task.WhenAll(Enumerable.Range(0, all).Select(_ => Task.Run(RunAsync, giveUp.Token)));

        entered.ShouldBe(all);

        // None ends before all have begun, which takes that those who are in let others in.
        async Task RunAsync()
        {
            await threads.Enter();
            Interlocked.Increment(ref entered);
            while (Volatile.Read(ref entered) < all)
            {
                giveUp.Token.ThrowIfCancellationRequested();
                await threads.Enter();
            }
        }
    }

    [Fact]
    public async Task They_end_when_they_are_not_needed_any_more()
    {
        var threads = new WorkerThreads();
        await threads.Enter();
        var thread = Thread.CurrentThread;
        await Task.Yield();

        threads.Dispose();

        thread.Join(TimeSpan.FromSeconds(60)).ShouldBeTrue();
    }
}

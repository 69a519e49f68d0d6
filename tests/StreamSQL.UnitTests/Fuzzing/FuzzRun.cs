using System.Diagnostics;

namespace StreamSQL.UnitTests.Fuzzing;

/// <summary>An input that broke a rule.</summary>
/// <param name="Target">Whose input it is.</param>
/// <param name="Input">The input.</param>
/// <param name="What">Which rule, and how.</param>
internal sealed record FuzzFailure(string Target, byte[] Input, string What);

/// <summary>
/// Runs inputs and holds them to the rules: nothing is thrown but what the decoder refuses by, nothing takes longer than a second, nothing
/// allocates more than its bound (16 times the input and a mebibyte, unless the target says why more).
/// </summary>
internal sealed class FuzzRun(ulong seed, IReadOnlyList<FuzzTarget> targets)
{
    private const int MaxFailuresOfTarget = 5;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly List<FuzzFailure> _failures = [];
    private long _accepted;

    /// <summary>
    /// Told before each input: which thread, whose, and the how many-th. What a dead process was doing can be found out from it.
    /// </summary>
    public Action<int, FuzzTarget, long>? Beginning { get; init; }

    /// <summary>What broke a rule.</summary>
    public IReadOnlyList<FuzzFailure> Failures => _failures;

    /// <summary>How many inputs were accepted: shows that mutation does not ruin everything at the first check.</summary>
    public long Accepted => _accepted;

    /// <summary>The <paramref name="number"/>-th input of a target: the same for the same seed, whatever else runs.</summary>
    public byte[] Input(FuzzTarget target, long number) => new Mutator(new Random(SeedOf(target, number))).Next(target);

    /// <summary>Runs so many inputs, shared out among the targets; one thread runs a target.</summary>
    public void Run(long count, int threads)
    {
        int shares = targets.Sum(static t => t.Share);
        var work = new Queue<(FuzzTarget Target, long Count)>(targets
            .OrderBy(static t => t.Share) // the slow ones first, so that the threads end together
            .Select(t => (t, Math.Max(1, count * t.Share / shares))));
        var workers = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int number = i;
            workers[i] = new Thread(() => RunQueue(number, work), maxStackSize: 1024 * 1024) { IsBackground = true };
            workers[i].Start();
        }

        foreach (Thread worker in workers)
            worker.Join();
    }

    /// <summary>Runs one input on this thread; what rule it breaks, or null.</summary>
    public string? Check(FuzzTarget target, byte[] input)
    {
        bool accepted = false;
        string? broken = null;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        try
        {
            accepted = target.Accepts(input);
        }
        catch (Exception e)
        {
            broken = $"threw {e}";
        }

        TimeSpan took = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (accepted)
            Interlocked.Increment(ref _accepted);
        if (broken is null && allocated > target.MayAllocate(input.Length))
            broken = $"allocated {allocated:N0} bytes for {input.Length:N0}";
        return broken is null && took > _patience ? $"took {took.TotalSeconds:F1} s" : broken;
    }

    private void RunQueue(int thread, Queue<(FuzzTarget Target, long Count)> work)
    {
        while (true)
        {
            FuzzTarget target;
            long count;
            lock (_gate)
            {
                if (!work.TryDequeue(out var next))
                    return;
                (target, count) = next;
            }

            RunTarget(thread, target, count);
        }
    }

    private void RunTarget(int thread, FuzzTarget target, long count)
    {
        int failures = 0;
        for (long number = 0; number < count && failures < MaxFailuresOfTarget; number++)
        {
            Beginning?.Invoke(thread, target, number);
            byte[] input = Input(target, number);
            string? broken = Check(target, input);
            // A busy machine holds a thread up, and what is made when it is first needed (a parser's
            // tables) is not the input's: so a second time.
            if (broken is not null && !broken.StartsWith("threw", StringComparison.Ordinal))
                broken = Check(target, input);
            if (broken is null)
                continue;
            failures++;
            lock (_gate)
                _failures.Add(new FuzzFailure(target.Name, input, broken));
        }
    }

    private int SeedOf(FuzzTarget target, long number)
    {
        ulong hash = seed ^ 0x9E3779B97F4A7C15;
        foreach (char c in target.Name)
            hash = (hash ^ c) * 0x100000001B3;
        hash = (hash ^ (ulong)number) * 0xD6E8FEB86659FD93;
        return (int)((hash ^ (hash >> 32)) & 0x7FFFFFFF);
    }
}

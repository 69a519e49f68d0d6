using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// Waits to a fraction of a millisecond without keeping a core busy: <see cref="Thread.Sleep(int)"/> knows only whole ones.
/// </summary>
internal static partial class PreciseTimer
{
    private const int Monotonic = 1; // CLOCK_MONOTONIC, the clock of Stopwatch
    private const int Absolute = 1; // TIMER_ABSTIME
    private const int Interrupted = 4; // EINTR
    private const long Second = 1_000_000_000;

    /// <summary>Waits until a timestamp of <see cref="Stopwatch"/>; returns the timestamp of the end of the wait.</summary>
    public static long WaitUntil(long timestamp)
    {
        var until = new TimeSpec(timestamp / Second, timestamp % Second);
        while (ClockNanoSleep(Monotonic, Absolute, until, 0) is var error and not 0)
        {
            if (error != Interrupted)
                throw new Win32Exception(error);
        }

        return Stopwatch.GetTimestamp();
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int ClockNanoSleep(int clock, int flags, in TimeSpec request, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}

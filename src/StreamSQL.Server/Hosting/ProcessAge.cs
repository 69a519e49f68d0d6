using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.Server.Hosting;

/// <summary>How long this process has run, to the hundredth of a second.</summary>
internal static class ProcessAge
{
    private const string StatFile = "/proc/self/stat";
    private const string UptimeFile = "/proc/uptime";
    private const double TicksPerSecond = 100; // of Linux's clocks in /proc, on every machine
    private const int StartAfterName = 19; // its place behind the name, which is in brackets; see proc_pid_stat(5)

    /// <summary>Reads it.</summary>
    public static TimeSpan Read()
    {
        if (File.Exists(StatFile) && File.Exists(UptimeFile))
            return Between(ProcFile.Read(StatFile), ProcFile.Read(UptimeFile));

        // Not where there is another way: it loads the time zones, too.
        using var process = Process.GetCurrentProcess();
        return TimeProvider.System.GetUtcNow() - process.StartTime;
    }

    /// <summary>The time between the start of a process, as its <c>stat</c> gives it, and now, as <c>uptime</c> does.</summary>
    internal static TimeSpan Between(string stat, string uptime)
    {
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var started = long.Parse(fields[StartAfterName], CultureInfo.InvariantCulture) / TicksPerSecond;
        var now = double.Parse(uptime[..uptime.IndexOf(' ')], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds(Math.Max(0, now - started));
    }
}

using System.Globalization;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// How the file descriptors that the system grants this process (<c>ulimit -n</c>) are shared out: to the runtime, which keeps its
/// assemblies open, to segments, and to connections. So connections never take those that the log needs.
/// </summary>
/// <param name="OpenFiles">Segment and index files that are kept open.</param>
/// <param name="Connections">Connections of all listeners.</param>
internal sealed record DescriptorLimit(int OpenFiles, int Connections)
{
    private const string LimitsFile = "/proc/self/limits";
    private const int Runtime = 240; // assemblies, journal, pipes, timers: about 190 were counted in a server at work
    private const int LeastFiles = 16;
    private const int MostFiles = 512;

    /// <summary>Reads the limit of this process; without one, connections are not bounded by it.</summary>
    public static DescriptorLimit Read()
    {
        if (!File.Exists(LimitsFile))
            return new(MostFiles, int.MaxValue);
        var line = File.ReadLines(LimitsFile).FirstOrDefault(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(3);
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? Of(limit) : new(MostFiles, int.MaxValue);
    }

    /// <summary>Shares out a limit.</summary>
    public static DescriptorLimit Of(int limit)
    {
        var rest = Math.Max(0, limit - Runtime);
        var files = Math.Clamp(rest / 2, LeastFiles, MostFiles);
        return new(files, Math.Max(1, rest - files));
    }
}

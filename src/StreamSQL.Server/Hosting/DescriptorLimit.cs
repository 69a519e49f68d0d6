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
        return SoftLimit(ProcFile.Read(LimitsFile)) is { } limit ? Of(limit) : new(MostFiles, int.MaxValue);
    }

    /// <summary>The soft limit of open files, as <c>limits</c> gives it; null when it is unlimited or not there.</summary>
    internal static int? SoftLimit(string limits)
    {
        const string Name = "Max open files";
        var at = limits.IndexOf(Name, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var rest = limits.AsSpan(at + Name.Length).TrimStart(' ');
        var end = rest.IndexOf(' ');
        return int.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }

    /// <summary>Shares out a limit.</summary>
    public static DescriptorLimit Of(int limit)
    {
        var rest = Math.Max(0, limit - Runtime);
        var files = Math.Clamp(rest / 2, LeastFiles, MostFiles);
        return new(files, Math.Max(1, rest - files));
    }
}

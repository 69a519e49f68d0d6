using System.Globalization;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>Processor time of a server, whose connections may be processes of their own.</summary>
internal static class ProcessTime
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on

    /// <summary>Seconds so far, user and system: of a process, of those of its children that live, and of those that have ended.</summary>
    public static double Of(int process) => Times(process, 13, 14, 15, 16) + Children(process).Sum(static child => Times(child, 13, 14));

    private static IEnumerable<int> Children(int process)
    {
        foreach (var task in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            foreach (var child in File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                yield return int.Parse(child, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Fields of /proc/PID/stat, numbered from 0; proc(5) counts from 1.</summary>
    private static double Times(int process, params int[] fields)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            // The second field is the name, in brackets, which may hold blanks.
            var rest = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Sum(field => long.Parse(rest[field - 2], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0; // it has ended meanwhile
        }
    }
}

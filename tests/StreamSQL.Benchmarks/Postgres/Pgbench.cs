using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>Runs PostgreSQL's load generator with a script of its own.</summary>
internal static partial class Pgbench
{
    /// <summary>Transactions a second.</summary>
    /// <param name="peer">The server.</param>
    /// <param name="script">The script.</param>
    /// <param name="connections">How many connections, on as many as two threads.</param>
    /// <param name="seconds">How long.</param>
    public static double Run(Peer peer, string script, int connections, int seconds)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, script);
            var start = new ProcessStartInfo("pgbench", [
                "-n", "-M", "prepared", "-f", path, "-c", $"{connections}", "-j", $"{Math.Min(connections, 2)}", "-T", $"{seconds}",
                "-h", "127.0.0.1", "-p", $"{peer.Port}", "-U", peer.User,
                peer.User]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 && Rate().Match(output) is { Success: true } rate
                ? double.Parse(rate.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
                : throw new InvalidOperationException(
                    $"pgbench against {peer.Name} ended with {process.ExitCode}: {errors.Result}{output}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [GeneratedRegex(@"tps = ([0-9.]+)")]
    private static partial Regex Rate();
}

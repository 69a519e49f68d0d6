using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.UnitTests.Broker.Transactions.Simulation;

/// <summary><c>transactions COUNT [--seed S]</c>: that many seeds of <see cref="TransactionSimulation"/>, from S on.</summary>
internal static class TransactionSimulationCommand
{
    private const int MostFailures = 5;

    /// <summary>Runs the command; the exit code is 0 only when all seeds are clean.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!TryRead(arguments, out var count, out var seed))
        {
            Console.Error.WriteLine("usage: transactions COUNT [--seed S]");
            return 2;
        }

        var watch = Stopwatch.StartNew();
        var (ends, committed, done) = (0, 0, 0);
        List<int> failed = [];
        for (; done < count && failed.Count < MostFailures; done++)
        {
            var simulation = new TransactionSimulation(seed + done);
            try
            {
                await simulation.RunAsync();
            }
            catch (Exception e) when (e is ShouldAssertException or TimeoutException)
            {
                failed.Add(seed + done);
                Console.WriteLine($"seed {seed + done}: {e.Message}");
            }

            (ends, committed) = (ends + simulation.Ends, committed + simulation.Committed);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"transactions: {done} seeds from {seed} on, {ends} ends of the broker, {committed} transactions committed, "
            + $"{watch.Elapsed.TotalSeconds:F0} s: {(failed.Count == 0 ? "clean" : $"seeds {string.Join(' ', failed)} failed")}"));
        return failed.Count == 0 ? 0 : 1;
    }

    private static bool TryRead(string[] arguments, out int count, out int seed)
    {
        (count, seed) = (0, 1);
        return arguments switch
        {
            [var c] => int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out count),
            [var c, "--seed", var s] => int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out count)
                && int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
            _ => false,
        };
    }
}

using System.Diagnostics;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>Runs kcat, librdkafka's command line.</summary>
internal static class Kcat
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Skips the test where kcat is not installed.</summary>
    public static async Task RequireAsync() =>
        ClientProgram.Require(await ClientProgram.WorksAsync("kcat", "-V"), "kcat is not installed (apt-get install kcat).");

    /// <summary>Runs kcat to its end and returns its output; fails the test when kcat fails.</summary>
    public static Task<string> RunAsync(TestBroker broker, string arguments, string input = "") =>
        RunAsync(broker.Address, arguments, input);

    /// <summary>The same against a broker at an address.</summary>
    public static async Task<string> RunAsync(string address, string arguments, string input = "")
    {
        var start = new ProcessStartInfo("kcat", $"-b {address} {arguments}")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Timeout);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            process.ExitCode.ShouldBe(0, $"kcat {arguments}: {Beginning(await error)}");
            return await output;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"kcat {arguments} did not end within {Timeout.TotalSeconds} s.");
        }
    }

    private static string Beginning(string text) => text.Length <= 2000 ? text : text[..2000];
}

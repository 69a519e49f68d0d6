using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace StreamSQL.ClusterTests.Support;

/// <summary>Runs programs of real clients to their end.</summary>
internal static class ClientProgram
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Whether every client has to be there, as in CI; elsewhere the tests of a missing one are skipped.</summary>
    private static readonly bool AllRequired = Environment.GetEnvironmentVariable("STREAMSQL_TEST_CLIENTS") == "required";

    /// <summary>Skips the test for want of a client, or fails it where all are required.</summary>
    public static void Require(bool isThere, string otherwise)
    {
        if (isThere)
            return;
        if (AllRequired)
            Assert.Fail(otherwise);
        Assert.Skip(otherwise);
    }

    /// <summary>Whether a command can be started and ends well.</summary>
    public static async Task<bool> WorksAsync(string command, params string[] arguments)
    {
        try
        {
            return (await RunAsync(command, arguments)).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Runs a program that ends well; otherwise the test fails with what it wrote.</summary>
    public static async Task SucceedsAsync(string command, params string[] arguments)
    {
        (int exitCode, string output) = await RunAsync(command, arguments);
        exitCode.ShouldBe(0, $"{command} {string.Join(' ', arguments)}: {End(output)}");
    }

    /// <summary>Runs a program to its end; its exit code, and what it wrote to both outputs.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Timeout);
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, output.ToString());
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync();
            throw new TimeoutException(
                $"{command} {string.Join(' ', arguments)} did not end within {Timeout.TotalSeconds} s: {End(output.ToString())}");
        }
    }

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
    }

    private static string End(string text) => text.Length <= 4000 ? text : text[^4000..];
}

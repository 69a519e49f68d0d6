using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// The server's log: warnings and errors on standard error, a line each. Made with plain <c>new</c>, since the builder of the library
/// starts a container and a configuration for it, which is a tenth of the time to ready.
/// </summary>
internal static class ServerLog
{
    /// <summary>Opens the log.</summary>
    public static ILoggerFactory Create(TimeProvider time)
    {
        var console = new ConsoleLoggerOptions
            { FormatterName = LineFormatter.FormatterName, LogToStandardErrorThreshold = LogLevel.Trace };
        var filter = new LoggerFilterOptions { MinLevel = LogLevel.Warning };
        return new LoggerFactory([new ConsoleLoggerProvider(new FixedOptions<ConsoleLoggerOptions>(console), [new LineFormatter(time)])],
            filter);
    }

    /// <summary>Time in UTC, level, category and message in one line.</summary>
    private sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
    {
        public const string FormatterName = "line";

        public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            textWriter.Write(time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff ", CultureInfo.InvariantCulture));
            textWriter.Write(NameOf(entry.LogLevel));
            textWriter.Write(": ");
            textWriter.Write(entry.Category);
            textWriter.Write(' ');
            textWriter.Write(OneLine(entry.Formatter(entry.State, entry.Exception)));
            if (entry.Exception is { } error)
            {
                textWriter.Write(' ');
                textWriter.Write(OneLine(error.ToString()));
            }

            textWriter.Write(Environment.NewLine);
        }

        private static string OneLine(string text) => text.ReplaceLineEndings(" ");

        private static string NameOf(LogLevel level) => level switch
        {
            LogLevel.Critical => "crit",
            LogLevel.Error => "fail",
            LogLevel.Warning => "warn",
            LogLevel.Information => "info",
            LogLevel.Debug => "dbug",
            _ => "trce",
        };
    }

    private sealed class FixedOptions<T>(T value) : IOptionsMonitor<T>
    {
        public T CurrentValue => value;

        public T Get(string? name) => value;

        public IDisposable? OnChange(Action<T, string?> listener) => null;
    }
}

using System.Globalization;
using System.Net;
using System.Text.Json;

namespace StreamSQL.Server.Options;

/// <summary>Gathers the options from their sources and checks them.</summary>
internal sealed class OptionReader
{
    private readonly Func<string, string?> _commandLine;
    private readonly Func<string, string?> _environment;
    private readonly Dictionary<string, string> _file;

    /// <summary>Creates a reader over the sources; each is asked by the option's name without dashes in front.</summary>
    /// <exception cref="OptionException">The config file cannot be read.</exception>
    public OptionReader(Func<string, string?> commandLine, Func<string, string?> environment)
    {
        _commandLine = commandLine;
        _environment = environment;
        _file = [];
        if (Find("config") is { } path)
            _file = ReadFile(path);
    }

    /// <summary>The options.</summary>
    /// <exception cref="OptionException">A value cannot be used.</exception>
    public ServerOptions Read()
    {
        var defaults = new ServerOptions();
        var options = new ServerOptions
        {
            DataDirectory = Find("data-dir") ?? defaults.DataDirectory,
            Kafka = FindEndpoint("kafka") ?? defaults.Kafka,
            Postgres = FindEndpoint("postgres") ?? defaults.Postgres,
            Http = FindEndpoint("http") ?? defaults.Http,
            KafkaAdvertised = Find("kafka-advertised") is { } advertised ? ParseHost("kafka-advertised", advertised) : null,
            KafkaBootstrap = Find("kafka-bootstrap") is { } bootstrap ? ParseHosts("kafka-bootstrap", bootstrap) : [],
            InsecurePublic = Find("insecure-public") is { } insecure && ParseFlag("insecure-public", insecure),
        };

        if (options.KafkaBootstrap.Count > 0 && (Find("kafka") ?? Find("kafka-advertised")) is not null)
        {
            throw new OptionException(
                "--kafka-bootstrap works on a Kafka cluster, and then there is no Kafka listener here: leave out --kafka and --kafka-advertised.");
        }

        if (!options.InsecurePublic && options.PublicListeners.FirstOrDefault() is { } open)
        {
            throw new OptionException(
                $"{open} can be reached from other machines and has no authentication. Listen on 127.0.0.1, or give --insecure-public if the network is private.");
        }

        return options;
    }

    private static Dictionary<string, string> ReadFile(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.ToString(), StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new OptionException($"The config file {path} cannot be read: {error.Message} It holds one JSON object, such as {{\"data-dir\": \"data\"}}.");
        }
    }

    private static DnsEndPoint ParseHost(string option, string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !TryParsePort(text.AsSpan(colon + 1), out var port))
            throw new OptionException($"--{option} {text}: expected HOST:PORT, such as broker.example:9092.");
        return new(text[..colon].Trim('[', ']'), port);
    }

    private static DnsEndPoint[] ParseHosts(string option, string text)
    {
        var hosts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return hosts.Length > 0
            ? [.. hosts.Select(host => ParseHost(option, host))]
            : throw new OptionException($"--{option}: expected HOST:PORT, or several with commas between.");
    }

    private static bool ParseFlag(string option, string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => throw new OptionException($"--{option} {text}: expected true or false."),
    };

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;

    private IPEndPoint? FindEndpoint(string option)
    {
        if (Find(option) is not { } text)
            return null;
        var host = ParseHost(option, text);
        var address = host.Host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ => IPAddress.TryParse(host.Host, out var parsed)
                ? parsed
                : throw new OptionException($"--{option} {text}: expected an IP address and a port, such as 127.0.0.1:{host.Port}."),
        };
        return new(address, host.Port);
    }

    private string? Find(string option) =>
        _commandLine(option) ?? _environment("STREAMSQL_" + option.Replace('-', '_').ToUpperInvariant()) ?? _file.GetValueOrDefault(option);
}

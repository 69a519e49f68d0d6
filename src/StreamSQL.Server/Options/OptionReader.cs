using System.Globalization;
using System.Net;
using System.Text.Json;
using StreamSQL.Broker;
using StreamSQL.Broker.Configs;
using StreamSQL.Server.Hosting;

namespace StreamSQL.Server.Options;

/// <summary>Gathers the options from their sources and checks them.</summary>
internal sealed class OptionReader
{
    private const long MaxTakeoverSeconds = 3600;

    // A listener that is named like a protocol speaks it, as in Kafka.
    private static readonly Dictionary<string, KafkaSecurity> _protocols = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PLAINTEXT"] = KafkaSecurity.Plaintext,
        ["SSL"] = KafkaSecurity.Ssl,
        ["SASL_PLAINTEXT"] = KafkaSecurity.SaslPlaintext,
        ["SASL_SSL"] = KafkaSecurity.SaslSsl,
    };

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
            Kafka = ReadListeners(defaults.Kafka),
            NodeId = Find("node-id") is { } id ? ParseNodeId(id) : defaults.NodeId,
            Rack = Find("rack"),
            QueuedMaxRequestBytes = Find("queued-max-request-bytes") is { } bytes
                ? ParseCount("queued-max-request-bytes", bytes, long.MaxValue) : null,
            MaxConnections = Find("max-connections") is { } connections
                ? (int)ParseCount("max-connections", connections, int.MaxValue) : null,
            MemoryLimitBytes = Find("memory-limit") is { } memory ? ParseMemory(memory) : null,
            BrokerConfigs = Find("broker-config") is { } configs ? ParseConfigs(configs) : defaults.BrokerConfigs,
            Postgres = FindEndpoint("postgres") ?? defaults.Postgres,
            Http = FindEndpoint("http") ?? defaults.Http,
            KafkaBootstrap = Find("kafka-bootstrap") is { } bootstrap ? ParseHosts("kafka-bootstrap", bootstrap) : [],
            SchemaRegistry = (Find("schema-registry") ?? _file.GetValueOrDefault("ksql.schema.registry.url")) is { } registry
                ? ParseUrls("schema-registry", registry) : [],
            PostgresSecurity = new PostgresSecurityReader(Find, FindSecret).Read(),
            OpensEngineTopics = Find("open-engine-topics") is { } opens && ParseFlag("open-engine-topics", opens),
            IsBrokerOnly = Find("broker-only") is { } only && ParseFlag("broker-only", only),
            SharesQueries = Find("share-queries") is { } shares && ParseFlag("share-queries", shares),
            TakeoverAfter = Find("takeover-after") is { } seconds
                ? TimeSpan.FromSeconds(ParseCount("takeover-after", seconds, MaxTakeoverSeconds)) : defaults.TakeoverAfter,
            InsecurePublic = Find("insecure-public") is { } insecure && ParseFlag("insecure-public", insecure),
        };

        if (options.KafkaBootstrap.Count > 0 && (Find("kafka") ?? Find("kafka-advertised")) is not null)
        {
            throw new OptionException(
                "--kafka-bootstrap works on a Kafka cluster, and then there is no Kafka listener here: leave out --kafka and " +
                    "--kafka-advertised.");
        }

        if (options.SharesQueries && (options.IsBrokerOnly || !options.SharesBroker))
        {
            throw new OptionException(
                "--share-queries is for engines that work on one broker: it goes with --kafka-bootstrap or --open-engine-topics, and not " +
                    "with --broker-only.");
        }

        if (options.KafkaBootstrap.Count > 0 && options.IsBrokerOnly)
        {
            throw new OptionException(
                "--broker-only is for a broker, and with --kafka-bootstrap there is none here: leave out one of them.");
        }

        if (options.PostgresSecurity is { Certificate: not null, Tls: PostgresTls.Off } && !options.HasKafkaTls)
        {
            throw new OptionException(
                "--postgres-certificate is of no use without TLS: give --postgres-tls on or --postgres-tls required, "
                + "or a Kafka listener SSL or SASL_SSL.");
        }

        if (options.IsBrokerOnly && options.Kafka.Any(static listener => listener.Security.HasFlag(KafkaSecurity.SaslPlaintext)))
        {
            throw new OptionException(
                "--broker-only has no roles that Kafka clients could log in as: leave it out, or have its Kafka listeners speak " +
                    "PLAINTEXT or SSL.");
        }

        if (!options.InsecurePublic && options.PublicListeners.FirstOrDefault() is { } open)
        {
            throw new OptionException(
                $"{open} can be reached from other machines and has no authentication. Listen on 127.0.0.1, or give --insecure-public if " +
                "the network is private."
                + HowToGuard(open, options));
        }

        return options;
    }

    /// <summary>What is missing until clients of other machines are asked for a password.</summary>
    private static string HowToGuard(IPEndPoint open, ServerOptions options)
    {
        if (open.Equals(options.Postgres))
            return HowToGuard(options.PostgresSecurity);
        return options.Kafka.Any(listener => listener.Address.Equals(open))
            ? $" Or let Kafka clients log in, over TLS: --kafka SASL_SSL://{open}, and roles with passwords (CREATE ROLE)."
            : "";
    }

    private static string HowToGuard(PostgresSecurity security) => security.Rules?.TrustingOtherMachines is { } rule
        ? $" Or have {rule.Place} ask for a password (scram-sha-256), and give --postgres-tls required."
        : " Or let Postgres clients log in: give --postgres-tls required, and the first superuser's password in " +
            "STREAMSQL_POSTGRES_PASSWORD.";

    private static Dictionary<string, string> ReadFile(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path),
                new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.EnumerateObject()
                .ToDictionary(static p => p.Name, static p => p.Value.ToString(), StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new OptionException(
                $"The config file {path} cannot be read: {error.Message} It holds one JSON object, such as {{\"data-dir\": \"data\"}}.");
        }
    }

    private static int ParseNodeId(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new OptionException($"--node-id {text}: expected a whole number from 0 on.");

    private static long ParseCount(string option, string text, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 && count <= most
            ? count
            : throw new OptionException($"--{option} {text}: expected a whole number from 1 on.");

    private static long ParseMemory(string text) => MemorySize.Parse(text) is { } bytes and >= MemoryCeiling.Least
        ? bytes
        : throw new OptionException(
            $"--memory-limit {text}: expected a number of bytes, or such as 512m or 4g, from {MemoryCeiling.Least >> 20}m on.");

    private static Dictionary<string, string> ParseConfigs(string text)
    {
        var configs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !configs.TryAdd(part[..equals].Trim(), part[(equals + 1)..].Trim()))
                throw new OptionException($"--broker-config {text}: expected NAME=VALUE, or several with commas between, each name once.");
        }

        try
        {
            StartConfigs.Apply(new BrokerOptions(), configs);
        }
        catch (ArgumentException error)
        {
            throw new OptionException($"--broker-config {text}: {error.Message}");
        }

        return configs;
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

    private static Uri[] ParseUrls(string option, string text)
    {
        var urls = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. urls.Select(url => Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
                ? parsed
                : throw new OptionException($"--{option} {url}: expected a URL, such as http://registry.example:8081.")),
        ];
    }

    private static bool ParseFlag(string option, string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => throw new OptionException($"--{option} {text}: expected true or false."),
    };

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;

    /// <summary>Splits <c>NAME://ADDRESS, NAME://ADDRESS</c>; one address may stand without a name.</summary>
    private static Dictionary<string, string> ParseNamed(string option, string text)
    {
        var named = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf("://", StringComparison.Ordinal);
            var (name, address) = at < 0 ? (KafkaEndpoint.DefaultName, part) : (part[..at].ToUpperInvariant(), part[(at + 3)..]);
            if (name.Length == 0 || !named.TryAdd(name, address))
                throw new OptionException(
                    $"--{option} {text}: several addresses need a name each, such as INTERNAL://127.0.0.1:9092,EXTERNAL://0.0.0.0:9094.");
        }
        return named.Count > 0 ? named : throw new OptionException($"--{option}: expected an address, such as 127.0.0.1:9092.");
    }

    private IReadOnlyList<KafkaEndpoint> ReadListeners(IReadOnlyList<KafkaEndpoint> defaults)
    {
        var listeners = Find("kafka") is { } text
            ? [.. ParseNamed("kafka", text).Select(static named => new KafkaEndpoint(named.Key, ParseEndpoint("kafka", named.Value)))]
            : defaults;
        var protocols = Find("kafka-security") is { } map ? ParseProtocols(map, listeners) : [];
        listeners =
        [
            .. listeners.Select(listener => listener with
            {
                Security = protocols.TryGetValue(listener.Name, out var chosen) ? chosen : _protocols.GetValueOrDefault(listener.Name),
            }),
        ];
        if (Find("kafka-advertised") is not { } told)
            return listeners;
        var advertised = ParseNamed("kafka-advertised", told);
        if (advertised.Keys.FirstOrDefault(name => !listeners.Any(listener => listener.Name == name)) is { } unknown)
        {
            throw new OptionException(
                $"--kafka-advertised {told}: there is no listener {unknown}; --kafka names " +
                    $"{string.Join(", ", listeners.Select(static l => l.Name))}.");
        }
        return
        [
            .. listeners.Select(listener => advertised.TryGetValue(listener.Name, out var address)
                ? listener with { Advertised = ParseHost("kafka-advertised", address) }
                : listener),
        ];
    }

    /// <summary>Splits <c>NAME:PROTOCOL,NAME:PROTOCOL</c>.</summary>
    private static Dictionary<string, KafkaSecurity> ParseProtocols(string text, IReadOnlyList<KafkaEndpoint> listeners)
    {
        var protocols = new Dictionary<string, KafkaSecurity>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split(':') is not [var name, var protocol] || !_protocols.TryGetValue(protocol, out var security)
                || !protocols.TryAdd(name, security))
            {
                throw new OptionException(
                    $"--kafka-security {text}: expected NAME:PROTOCOL, such as EXTERNAL:SASL_SSL, or several with commas between; "
                    + $"protocols are {string.Join(", ", _protocols.Keys)}.");
            }

            if (!listeners.Any(listener => string.Equals(listener.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new OptionException(
                    $"--kafka-security {text}: there is no listener {name}; "
                    + $"--kafka names {string.Join(", ", listeners.Select(static l => l.Name))}.");
            }
        }

        return protocols;
    }

    private IPEndPoint? FindEndpoint(string option) => Find(option) is { } text ? ParseEndpoint(option, text) : null;

    private static IPEndPoint ParseEndpoint(string option, string text)
    {
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

    private string? Find(string option) => _commandLine(option) ?? FindSecret(option);

    private string? FindSecret(string option) => _environment("STREAMSQL_" + option.Replace('-', '_').ToUpperInvariant())
        ?? _file.GetValueOrDefault(option);
}

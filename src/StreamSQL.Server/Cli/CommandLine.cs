using System.CommandLine;
using StreamSQL.Server.Demo;
using StreamSQL.Server.Hosting;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Cli;

/// <summary>The commands of the executable.</summary>
internal static class CommandLine
{
    private const string StartName = "start";
    private const string DemoName = "demo";

    // From a signal to the end by force; the library's own 2 s would cut short what a clean end writes on a slow disk.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);

    private static readonly Option<string?> DataDir = new("--data-dir")
        { Description = "Where topics, catalog and state are kept (default: data).", HelpName = "DIR" };
    private static readonly Option<string?> Kafka = new("--kafka")
        { Description = "Kafka listener (default: 127.0.0.1:9092; port 0 picks a free port), or several: NAME://ADDR,NAME://ADDR.",
            HelpName = "ADDR" };
    private static readonly Option<string?> Postgres = new("--postgres")
        { Description = "Postgres listener (default: 127.0.0.1:7432).", HelpName = "ADDR" };
    private static readonly Option<string?> Http = new("--http")
        { Description = "HTTP listener (default: 127.0.0.1:8088).", HelpName = "ADDR" };
    private static readonly Option<string?> Advertised = new("--kafka-advertised")
        { Description = "The address that Kafka clients are told; for several listeners NAME://HOST:PORT,...", HelpName = "HOST:PORT" };
    private static readonly Option<string?> KafkaSecurity = new("--kafka-security")
    {
        Description = "How clients connect to named Kafka listeners: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL "
            + "(default: as the name of the listener says, else PLAINTEXT).",
        HelpName = "NAME:PROTOCOL,...",
    };

    private static readonly Option<string?> NodeId = new("--node-id")
        { Description = "The broker's node id (default: 1).", HelpName = "ID" };
    private static readonly Option<string?> QueuedBytes = new("--queued-max-request-bytes")
    {
        Description = "The most bytes of large Kafka requests that arrive at once; further ones wait in their sockets (default: 256 MiB).",
        HelpName = "BYTES",
    };

    private static readonly Option<string?> Connections = new("--max-connections")
        { Description = "The most Kafka connections (default: no limit).", HelpName = "COUNT" };

    private static readonly Option<string?> MemoryLimit = new("--memory-limit")
    {
        Description = "The most memory that the heap may take, such as 512m or 4g; clients are slowed down before (default: what the " +
            "system has).", HelpName = "SIZE",
    };

    private static readonly Option<string?> BrokerConfig = new("--broker-config")
    {
        Description = "Broker configs by Kafka's names, such as group.max.size=100,num.partitions=4.", HelpName = "NAME=VALUE,...",
    };

    private static readonly Option<string?> Rack = new("--rack")
        { Description = "The rack that the broker says it stands in.", HelpName = "NAME" };
    private static readonly Option<string?> Bootstrap = new("--kafka-bootstrap")
        { Description = "Work on this Kafka cluster; then there is no broker, and no Kafka listener, in this process.",
            HelpName = "HOST:PORT" };
    private static readonly Option<string?> Takeover = new("--takeover-after")
    {
        Description = "Where engines share a broker: after how long a silence of the one that runs the queries another does (default: 10).",
        HelpName = "SECONDS",
    };

    private static readonly Option<string?> SchemaRegistry = new("--schema-registry")
        { Description = "Use this schema registry instead of the one on the HTTP listener.", HelpName = "URL" };
    private static readonly Option<string?> Config = new("--config")
        { Description = "A JSON file with these options by name.", HelpName = "FILE" };
    private static readonly Option<string?>[] PostgresAccess =
    [
        new("--postgres-tls") { Description = "TLS for Postgres clients: off (default), on or required.", HelpName = "MODE" },
        new("--postgres-certificate") { Description = "Its certificate, and those above it, as PEM (default: one that is made here).",
            HelpName = "FILE" },
        new("--postgres-key") { Description = "The certificate's key as PEM.", HelpName = "FILE" },
        new("--postgres-hba")
            { Description = "Rules who is let in, and how, as in pg_hba.conf (default: this machine trusted, others with a password).",
                HelpName = "FILE" },
        new("--postgres-max-connections") { Description = "The most Postgres connections (default: 1000).", HelpName = "COUNT" },
        new("--postgres-max-connections-per-address")
            { Description = "The most Postgres connections from one address (default: no limit).", HelpName = "COUNT" },
        new("--postgres-authentication-timeout") { Description = "How long a Postgres client may take to log in (default: 60).",
            HelpName = "SECONDS" },
    ];

    private static readonly Option<bool> InsecurePublic = new("--insecure-public")
        { Description = "Allow other machines to connect without authentication." };

    private static readonly Option<bool> OpenEngineTopics = new("--open-engine-topics")
    {
        Description = "Let Kafka clients, such as an engine in another process (--kafka-bootstrap), read and write the catalog, password " +
            "verifiers and all.",
    };

    private static readonly Option<bool> BrokerOnly = new("--broker-only")
    {
        Description = "Run no queries: serve Kafka clients, and engines in other processes.",
    };

    private static readonly Option<bool> ShareQueries = new("--share-queries")
    {
        Description = "Where engines share a broker: run a share of the queries; all of them must be started with it.",
    };

    /// <summary>Runs the command that the arguments name; returns the process's exit code.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        if (args is [StartName or DemoName, ..])
            _ = Vocabulary.LoadAsync(); // whoever needs it awaits it
        var root = new RootCommand("StreamSQL: topics, continuous SQL and a Postgres endpoint in one process.")
            { StartCommand(), DemoCommand() };
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = StopTimeout });
    }

    private static Command StartCommand()
    {
        var command = new Command(StartName, "Start the server; SIGTERM or Ctrl-C stops it.");
        AddServerOptions(command);
        command.SetAction((parsed, cancellation) => Guard(() => ServerRun.StartAsync(ReadOptions(parsed), cancellation)));
        return command;
    }

    private static Command DemoCommand()
    {
        var loop = new Option<bool>("--loop") { Description = "Keep flights coming, each lap dated after the last." };
        var rate = new Option<int>("--rate") { Description = "Flights a second with --loop.", DefaultValueFactory = static _ => 100 };
        var command = new Command(DemoName, "Start the server with the flights sample flowing.") { loop, rate };
        AddServerOptions(command);
        command.SetAction((parsed, cancellation) => Guard(() =>
            FlightDemo.RunAsync(ReadOptions(parsed), parsed.GetValue(loop) ? Math.Clamp(parsed.GetValue(rate), 1, 1_000_000) : null,
                cancellation)));
        return command;
    }

    private static void AddServerOptions(Command command)
    {
        Option[] options =
        [
            DataDir, Kafka, Postgres, Http, Advertised, KafkaSecurity, Bootstrap,
            SchemaRegistry, NodeId, Rack, QueuedBytes, Connections, MemoryLimit, BrokerConfig, Config,
            InsecurePublic, OpenEngineTopics, BrokerOnly, ShareQueries, Takeover, .. PostgresAccess,
        ];
        foreach (var option in options)
            command.Options.Add(option);
    }

    private static ServerOptions ReadOptions(ParseResult parsed)
    {
        string? FromCommandLine(string name) => name switch
        {
            "insecure-public" => parsed.GetValue(InsecurePublic) ? "true" : null,
            "share-queries" => parsed.GetValue(ShareQueries) ? "true" : null,
            "broker-only" => parsed.GetValue(BrokerOnly) ? "true" : null,
            "open-engine-topics" => parsed.GetValue(OpenEngineTopics) ? "true" : null,
            _ => parsed.GetValue<string?>("--" + name),
        };

        return new OptionReader(FromCommandLine, Environment.GetEnvironmentVariable).Read();
    }

    /// <summary>Turns a failure to start into one line and exit code 1.</summary>
    private static async Task<int> Guard(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception error) when (StartFailure.Explain(error) is { } line)
        {
            await Console.Error.WriteLineAsync("streamsql: " + line);
            return 1;
        }
    }
}

using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <content>Listeners and connections.</content>
public static partial class BrokerConfigs
{
    private static ConfigDefinition[] Network =>
    [
        new("advertised.listeners", Type.String, null, "The addresses that clients are told."),
        new("connection.failed.authentication.delay.ms", Type.Int, "100", "How long a connection stays open after failed authentication.")
        { Minimum = 0 },
        new("connections.max.idle.ms", Type.Long, "600000", "After how long an idle connection is closed."),
        new("connections.max.reauth.ms", Type.Long, "0", "How long an authenticated session lasts; 0 is for ever."),
        new("early.start.listeners", Type.String, null, "Listeners that are open before authorization is ready."),
        new("inter.broker.listener.name", Type.String, null, "The listener that brokers use among themselves."),
        new("listener.security.protocol.map", Type.String, "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
            "The security protocol of each listener."),
        new("listeners", Type.String, "PLAINTEXT://:9092", "The addresses that the broker listens at."),
        new("max.connection.creation.rate", Type.Int, "2147483647", "The most new connections in a second.") { Minimum = 0 },
        new("max.connections", Type.Int, "2147483647", "The most connections.") { Minimum = 0 },
        new("max.connections.per.ip", Type.Int, "2147483647", "The most connections from one address.") { Minimum = 0 },
        new("max.connections.per.ip.overrides", Type.String, "", "Limits for single addresses."),
        new("num.network.threads", Type.Int, "3", "Threads that read and write sockets.") { Minimum = 1 },
        new("queued.max.request.bytes", Type.Long, "-1", "The most bytes of requests that wait."),
        new("queued.max.requests", Type.Int, "500", "The most requests that wait.") { Minimum = 1 },
        new("security.inter.broker.protocol", Type.String, "PLAINTEXT", "The security protocol that brokers use among themselves.")
        { Words = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] },
        new("socket.listen.backlog.size", Type.Int, "50", "How many connections may wait to be accepted.") { Minimum = 1 },
        new("socket.receive.buffer.bytes", Type.Int, "102400", "The receive buffer of sockets; -1 leaves it to the system."),
        new("socket.request.max.bytes", Type.Int, "104857600", "The largest request.") { Minimum = 1 },
        new("socket.send.buffer.bytes", Type.Int, "102400", "The send buffer of sockets; -1 leaves it to the system."),
    ];
}

using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka.Client;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>The schema registry that the engine uses: this process's own, or the one that the options name.</summary>
internal sealed class SchemaRegistries : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private readonly RemoteSchemaRegistry? _remote;

    private SchemaRegistries(SubjectRegistry? own, RemoteSchemaRegistry? remote)
    {
        Own = own;
        _remote = remote;
        Registry = remote ?? (ISchemaRegistry)new EmbeddedSchemaRegistry(own!);
    }

    /// <summary>What the engine asks.</summary>
    public ISchemaRegistry Registry { get; }

    /// <summary>This process's own; null when another one is used.</summary>
    public SubjectRegistry? Own { get; }

    /// <summary>Opens the registry.</summary>
    /// <exception cref="InvalidDataException">The topic of the registry holds what is none of its records.</exception>
    public static async ValueTask<SchemaRegistries> OpenAsync(ServerOptions options, IBrokerClient broker, TimeProvider time,
        CancellationToken cancellation)
    {
        if (options.SchemaRegistry.Count > 0)
            return new(null, new RemoteSchemaRegistry(options.SchemaRegistry, new SocketsHttpHandler(), Timeout));
        return new(await SubjectRegistry.OpenAsync(broker, options.ReplicationFactor, time, cancellation), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Own?.Dispose();
        _remote?.Dispose();
    }
}

using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka.Client;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// The schema registry that the engine uses: this process's own, or the one that the options name. Where engines share queries they use one
/// that is named, or none: their own ones would not hear of each other.
/// </summary>
internal sealed class SchemaRegistries : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private readonly RemoteSchemaRegistry? _remote;

    private SchemaRegistries(SubjectRegistry? own, RemoteSchemaRegistry? remote)
    {
        Own = own;
        _remote = remote;
        Registry = remote ?? (ISchemaRegistry?)(own is null ? null : new EmbeddedSchemaRegistry(own));
    }

    /// <summary>What the engine asks; null for nothing.</summary>
    public ISchemaRegistry? Registry { get; }

    /// <summary>This process's own; null when another one is used, or none.</summary>
    public SubjectRegistry? Own { get; }

    /// <summary>Opens the registry.</summary>
    /// <exception cref="InvalidDataException">The topic of the registry holds what is none of its records.</exception>
    public static async ValueTask<SchemaRegistries> OpenAsync(ServerOptions options, IBrokerClient broker, TimeProvider time,
        CancellationToken cancellation)
    {
        if (options.SchemaRegistry.Count > 0)
            return new(null, new RemoteSchemaRegistry(options.SchemaRegistry, new SocketsHttpHandler(), Timeout));
        if (options.SharesQueries)
            return new(null, null);
        return new(await SubjectRegistry.OpenAsync(broker, options.ReplicationFactor, time, cancellation), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Own?.Dispose();
        _remote?.Dispose();
    }
}

using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Notifications;

/// <summary>
/// The channels of LISTEN and NOTIFY, between all sessions of the engine. A channel that has the name of a stream or table, as clients see
/// it, also tells when its topic has changed, whoever wrote to it. Thread-safe.
/// </summary>
internal sealed class NotificationHub(TaskEnvironment tasks, Func<CatalogImage> catalog) : IAsyncDisposable
{
    private readonly Lock _sync = new();
    private readonly Dictionary<string, Channel> _channels = new(StringComparer.Ordinal);

    /// <summary>Adds a listener to a channel. What changes afterwards in a table of that name is told.</summary>
    public async ValueTask ListenAsync(NotificationQueue listener, string name, CancellationToken cancellation)
    {
        var watcher = await WatcherOfAsync(name, cancellation);
        lock (_sync)
        {
            if (!_channels.TryGetValue(name, out var channel))
                _channels.Add(name, channel = new Channel());
            channel.Listeners.Add(listener);
            if (channel.Watcher is not null || watcher is null)
                return;
            channel.Watcher = watcher;
            watcher.Start(() => Publish(new Notification(0, name, "")));
        }
    }

    /// <summary>Takes a listener out of a channel.</summary>
    public void Unlisten(NotificationQueue listener, string name)
    {
        lock (_sync)
        {
            if (!_channels.TryGetValue(name, out var channel) || !channel.Listeners.Remove(listener) || channel.Listeners.Count > 0)
                return;
            channel.Watcher?.Stop();
            _channels.Remove(name);
        }
    }

    /// <summary>Gives a notification to all who listen.</summary>
    public void Publish(in Notification notification)
    {
        lock (_sync)
        {
            if (!_channels.TryGetValue(notification.Channel, out var channel))
                return;
            foreach (var listener in channel.Listeners)
                listener.Add(notification);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        TopicWatcher[] watchers;
        lock (_sync)
        {
            watchers = _channels.Values.Select(static channel => channel.Watcher).OfType<TopicWatcher>().ToArray();
            _channels.Clear();
        }

        foreach (var watcher in watchers)
            await watcher.DisposeAsync();
    }

    private async ValueTask<TopicWatcher?> WatcherOfAsync(string name, CancellationToken cancellation)
    {
        var source = catalog().Sources.Values.FirstOrDefault(source => DisplayName.Of(source.Name) == name);
        return source is null ? null : await TopicWatcher.CreateAsync(source.Topic, source.Partitions, tasks, cancellation);
    }

    private sealed class Channel
    {
        public HashSet<NotificationQueue> Listeners { get; } = [];

        public TopicWatcher? Watcher { get; set; }
    }
}

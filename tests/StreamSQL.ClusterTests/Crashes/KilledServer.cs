using System.Net;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Crashes;

/// <summary>How a run's server ends and what it finds when it starts again: killed, with everything that it wrote still there.</summary>
internal class KilledServer : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    /// <summary>Where its data is.</summary>
    public virtual string DataDirectory => _data.Path;

    /// <summary>Ends a running server.</summary>
    public virtual Task EndAsync(ServerProcess server)
    {
        server.Kill();
        return Task.CompletedTask;
    }

    /// <summary>Ends a server that is starting, after a while.</summary>
    public virtual Task EndWhileStartingAsync(IPEndPoint kafka, TimeSpan after) =>
        ServerProcess.StartAndKillAsync(DataDirectory, kafka, after);

    public virtual void Dispose() => _data.Dispose();
}

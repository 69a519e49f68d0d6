using System.Net;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Standby;

/// <summary>Two engines that share a broker: one runs the queries, the other stands by.</summary>
internal sealed class EnginePair : IDisposable
{
    private const int TakeoverAfterSeconds = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory[] _data = [new(), new()];
    private readonly ServerProcess[] _engines = new ServerProcess[2];
    private readonly IPEndPoint _kafka;
    private int _active;

    private EnginePair(IPEndPoint kafka) => _kafka = kafka;

    /// <summary>The one that runs the queries.</summary>
    public ServerProcess Active => _engines[_active];

    /// <summary>The other one.</summary>
    public ServerProcess Other => _engines[1 - _active];

    /// <summary>Starts both.</summary>
    public static async Task<EnginePair> StartAsync(IPEndPoint kafka)
    {
        var pair = new EnginePair(kafka);
        await pair.StartAsync(0);
        await pair.StartAsync(1);
        return pair;
    }

    /// <summary>Kills the one that runs the queries, waits until the other has taken over, and starts it again.</summary>
    public async Task KillActiveAsync()
    {
        Active.Kill();
        await TakeOverAsync();
        Other.Dispose();
        await StartAsync(1 - _active);
    }

    /// <summary>Kills the one that stands by, and starts it again.</summary>
    public async Task KillOtherAsync()
    {
        Other.Kill();
        Other.Dispose();
        await StartAsync(1 - _active);
    }

    /// <summary>
    /// Stops the one that runs the queries in the middle of whatever it does, and lets it go on when the other has taken over; the code
    /// that it ends with.
    /// </summary>
    public async Task<int> SuspendActiveAsync()
    {
        await Active.SuspendAsync();
        await TakeOverAsync();
        await Other.ResumeAsync();
        var code = await Other.WhenEndedAsync();
        Other.Dispose();
        await StartAsync(1 - _active);
        return code;
    }

    public void Dispose()
    {
        foreach (var engine in _engines)
            engine?.Dispose();
        foreach (var data in _data)
            data.Dispose();
    }

    private async Task TakeOverAsync()
    {
        await Other.WhenAnsweringAsync(Patience);
        _active = 1 - _active;
    }

    private async Task StartAsync(
        int index) =>
        _engines[index] = await ServerProcess.StartSharingAsync(_data[index].Path, _kafka, TakeoverAfterSeconds);
}

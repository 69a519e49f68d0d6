using StreamSQL.Broker.Fetching;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Network;

/// <summary>
/// One request on its way through a handler, and the response that it gets. Used again for later requests of its connection.
/// </summary>
internal sealed class RequestContext : IDisposable
{
    private const int KeptResponseBytes = 4 * 1024; // larger arrays go back to the pool at once: thousands of connections may be idle

    private readonly List<Action> _leases = [];
    private FetchMemory? _fetchMemory;
    private long _held;
    private RequestMemory? _memory;
    private int _charged;
    private LeasedBuffer? _sharedFrame;

    public RequestContext(ClientConnection client) => Client = client;

    /// <summary>Who asks.</summary>
    public ClientConnection Client { get; }

    /// <summary>What is asked.</summary>
    public RequestHeader Header { get; private set; }

    /// <summary>
    /// The bytes behind the header's fixed part. Valid until the response is written; where requests may overlap, until the handler first
    /// waits.
    /// </summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>The response frame; empty when there is no answer (Produce with acks=0).</summary>
    public PooledBuffer Response { get; } = new();

    /// <summary>Whether the connection is to be closed after the response.</summary>
    public bool ClosesConnection { get; set; }

    /// <summary>Why a login was refused, or null.</summary>
    public string? LoginFailure { get; private set; }

    /// <summary>Cancelled when the client has gone or the server stops: answer what there is.</summary>
    public CancellationToken Stopping => Client.Stopping;

    /// <summary>
    /// Whether the next request of the connection must wait for this one although its API may overlap. To be set before the handler waits.
    /// </summary>
    public bool RunsAlone { get; set; }

    /// <summary>The request's frame.</summary>
    public PooledBuffer Frame { get; } = new();

    /// <summary>
    /// The request's frame for those who may go on holding it after the request; nothing else may use <see cref="Frame"/> then.
    /// </summary>
    public LeasedBuffer ShareFrame() => _sharedFrame ??= new LeasedBuffer(Frame);

    /// <summary>Begins a request.</summary>
    public void Begin(RequestHeader header, ReadOnlyMemory<byte> body)
    {
        Header = header;
        Body = body;
        ClosesConnection = false;
        RunsAlone = false;
        LoginFailure = null;
        Response.Clear();
    }

    /// <summary>Notes that a login was refused; the connection is closed after the response.</summary>
    public void RefuseLogin(string reason)
    {
        LoginFailure = reason;
        ClosesConnection = true;
    }

    /// <summary>Keeps a lease until the response's bytes have been written.</summary>
    public void HoldUntilWritten(Action? release)
    {
        if (release is not null)
            _leases.Add(release);
    }

    /// <summary>Notes what the answer holds of the memory for fetched records, until it has been written.</summary>
    public void Hold(FetchMemory memory, int bytes)
    {
        _fetchMemory = memory;
        _held += bytes;
    }

    /// <summary>Notes what the frame took of the memory for large requests.</summary>
    public void Charge(RequestMemory memory, int bytes) => (_memory, _charged) = (memory, bytes);

    /// <summary>Gives back the frame.</summary>
    public void EndFrame()
    {
        Body = default;
        _sharedFrame?.Release();
        _sharedFrame = null;
        Frame.Dispose();
        if (_charged > 0)
            _memory!.Return(_charged);
        _charged = 0;
    }

    /// <summary>Gives back the frame and all that was held.</summary>
    public void End()
    {
        ReleaseLeases();
        EndFrame();
        if (Response.Length > KeptResponseBytes)
            Response.Dispose();
    }

    /// <summary>Gives back what was held for the response.</summary>
    public void ReleaseLeases()
    {
        foreach (Action release in _leases)
            release();
        _leases.Clear();
        if (_held > 0)
            _fetchMemory!.Return(_held);
        _held = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        Response.Dispose();
    }
}

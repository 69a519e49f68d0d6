using System.Buffers;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Network;

/// <summary>One request on its way through a handler, and the response that it gets. Used again for later requests of its connection.</summary>
internal sealed class RequestContext : IDisposable
{
    private readonly List<Action> _leases = [];
    private byte[]? _frame;

    public RequestContext(ClientConnection client) => Client = client;

    /// <summary>Who asks.</summary>
    public ClientConnection Client { get; }

    /// <summary>What is asked.</summary>
    public RequestHeader Header { get; private set; }

    /// <summary>The bytes behind the header's fixed part. Valid until the response is written.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>The response frame; empty when there is no answer (Produce with acks=0).</summary>
    public PooledBuffer Response { get; } = new();

    /// <summary>Whether the connection is to be closed after the response.</summary>
    public bool ClosesConnection { get; set; }

    /// <summary>Cancelled when the client has gone or the server stops: answer what there is.</summary>
    public CancellationToken Stopping => Client.Stopping;

    /// <summary>
    /// Whether the next request of the connection must wait for this one although its API may overlap. To be set before the handler waits.
    /// </summary>
    public bool RunsAlone { get; set; }

    /// <summary>Takes a frame in: as it lies, when it is in one piece, or else copied into an array from the pool.</summary>
    public ReadOnlyMemory<byte> Take(ReadOnlySequence<byte> frame)
    {
        if (frame.IsSingleSegment)
            return frame.First;
        _frame = ArrayPool<byte>.Shared.Rent((int)frame.Length);
        frame.CopyTo(_frame);
        return _frame.AsMemory(0, (int)frame.Length);
    }

    /// <summary>Begins a request.</summary>
    public void Begin(RequestHeader header, ReadOnlyMemory<byte> body)
    {
        Header = header;
        Body = body;
        ClosesConnection = false;
        RunsAlone = false;
        Response.Clear();
    }

    /// <summary>Keeps a lease until the response's bytes have been written.</summary>
    public void HoldUntilWritten(Action? release)
    {
        if (release is not null)
            _leases.Add(release);
    }

    /// <summary>Gives back the frame and all that was held.</summary>
    public void End()
    {
        ReleaseLeases();
        Body = default;
        if (_frame is { } frame)
        {
            _frame = null;
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>Gives back what was held for the response.</summary>
    public void ReleaseLeases()
    {
        foreach (Action release in _leases)
            release();
        _leases.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        Response.Dispose();
    }
}

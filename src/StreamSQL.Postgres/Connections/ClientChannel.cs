using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using StreamSQL.Postgres.Encryption;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Connections;

/// <summary>The messages from and to one client: plain at first, and through TLS from <see cref="SecureAsync"/> on.</summary>
internal sealed class ClientChannel : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly IDuplexPipe _transport;
    private readonly int _maxMessageBytes;
    private readonly TimeProvider _time;
    private SslStream? _tls;
    private TlsWriter? _tlsWriter;
    private PipeReader? _tlsReader;

    public ClientChannel(IDuplexPipe transport, int maxMessageBytes, TimeProvider time)
    {
        _transport = transport;
        _maxMessageBytes = maxMessageBytes;
        _time = time;
        Reader = new(transport.Input, maxMessageBytes);
        Writer = new(transport.Output);
    }

    /// <summary>What the client sends.</summary>
    public FrontendMessageReader Reader { get; private set; }

    /// <summary>What is sent to the client.</summary>
    public BackendMessageWriter Writer { get; private set; }

    /// <summary>Whether TLS is in use.</summary>
    public bool IsEncrypted => _tlsWriter is not null;

    /// <summary>Whether messages can be sent: not while, or after, a handshake has failed.</summary>
    public bool CanTell { get; private set; } = true;

    /// <summary>The hash of the certificate that channel binding binds to; null without TLS.</summary>
    public byte[]? EndPointHash { get; private set; }

    /// <summary>Begins TLS.</summary>
    /// <param name="certificate">The server's certificate.</param>
    /// <param name="isDirect">Whether the client did so without asking: then it has to name the
    /// protocol, lest another protocol's bytes are taken for it.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="AuthenticationException">The handshake failed.</exception>
    /// <exception cref="IOException">The handshake failed.</exception>
    public async ValueTask SecureAsync(ServerCertificate certificate, bool isDirect, CancellationToken cancellation)
    {
        CanTell = false;
        Reader.Dispose();
        Writer.Dispose();
        var stream = new TransportStream(_transport);
        _tls = new(stream, leaveInnerStreamOpen: true);
        await _tls.AuthenticateAsServerAsync(certificate.Options, cancellation);
        stream.SendsAtOnce = false;
        _tlsWriter = new(_tls);
        _tlsReader = PipeReader.Create(_tls, new(leaveOpen: true, useZeroByteReads: true));
        Reader = new(_tlsReader, _maxMessageBytes);
        Writer = new(_tlsWriter);
        EndPointHash = certificate.EndPointHash;
        CanTell = true;
        if (isDirect && _tls.NegotiatedApplicationProtocol != ServerCertificate.Protocol)
            FatalProtocolException.ThrowViolation("received direct SSL connection request without ALPN protocol negotiation extension");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Reader.Dispose();
        Writer.Dispose();
        if (_tlsReader is not null)
            await _tlsReader.CompleteAsync();
        if (_tlsWriter is { IsIdle: true })
            await SayGoodbyeAsync();
        _tlsWriter?.Dispose();
        if (_tls is not null)
            await _tls.DisposeAsync();
    }

    /// <summary>
    /// Tells the client that this was all, so that it knows that nobody has cut it off; whether it still listens does not matter.
    /// </summary>
    private async ValueTask SayGoodbyeAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, _time);
            await _tls!.ShutdownAsync();
            await _tls.FlushAsync(patience.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            return;
        }
    }
}

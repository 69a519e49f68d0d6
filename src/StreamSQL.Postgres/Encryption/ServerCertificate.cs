using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StreamSQL.Postgres.Encryption;

/// <summary>The certificate that the server shows to its clients, with the key and the certificates above it.</summary>
public sealed class ServerCertificate
{
    /// <summary>The name of the protocol in TLS's negotiation (ALPN).</summary>
    public static readonly SslApplicationProtocol Protocol = new("postgresql");

    private readonly SslServerAuthenticationOptions _options;
    private readonly SslStreamCertificateContext _context;

    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        EndPointHash = HashOf(leaf);
        ExpiresAt = leaf.NotAfter.ToUniversalTime();
        _context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
        _options = OptionsFor(Protocol);
    }

    /// <summary>
    /// The <c>tls-server-end-point</c> of RFC 5929; null where the certificate's signature does not say which hash it is.
    /// </summary>
    public byte[]? EndPointHash { get; }

    /// <summary>When it expires.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>How TLS is begun with it for Postgres clients.</summary>
    internal SslServerAuthenticationOptions Options => _options;

    /// <summary>How TLS is begun with it.</summary>
    /// <param name="protocol">The protocol that is spoken over it, for clients that ask for one (ALPN); null: none is named.</param>
    public SslServerAuthenticationOptions OptionsFor(SslApplicationProtocol? protocol) => new()
    {
        ServerCertificateContext = _context,
        ApplicationProtocols = protocol is { } named ? [named] : null,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
    };

    /// <summary>Reads a certificate, those above it behind, and its key.</summary>
    /// <exception cref="CryptographicException">They are none, or do not belong together.</exception>
    public static ServerCertificate FromPem(string certificates, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificates);
        var leaf = X509Certificate2.CreateFromPem(certificates, key);
        chain.RemoveAt(0);
        return new(leaf, chain);
    }

    /// <summary>The hash of the certificate by its signature's algorithm, where SHA-256 takes the place of MD5 and SHA-1.</summary>
    private static byte[]? HashOf(X509Certificate2 certificate)
    {
        var raw = certificate.RawDataMemory.Span;
        return certificate.SignatureAlgorithm.Value switch
        {
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.1" or "1.2.840.10045.4.3.2" =>
                SHA256.HashData(raw),
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(raw),
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(raw),
            _ => null,
        };
    }
}

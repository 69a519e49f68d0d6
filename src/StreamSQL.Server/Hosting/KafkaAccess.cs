using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;
using StreamSQL.Engine.Roles;
using StreamSQL.Server.Options;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// How Kafka clients are let in: they log in as the roles of the catalog, with the same passwords as Postgres clients, and see the same
/// certificate.
/// </summary>
internal sealed class KafkaAccess
{
    private readonly ServerOptions _options;
    private readonly TimeProvider _time;
    private readonly SaslOptions _sasl;

    public KafkaAccess(ServerOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _sasl = new(Find, PostgresAccess.SecretOf(options));
    }

    /// <summary>The roles as they are now; none before the engine has read its catalog.</summary>
    public Func<IReadOnlyDictionary<string, RoleDefinition>> Roles { get; set; } = static () => new Dictionary<string, RoleDefinition>();

    /// <summary>The listeners of the options.</summary>
    /// <exception cref="InvalidDataException">What is kept in the data directory is damaged.</exception>
    public IReadOnlyList<KafkaListener> Listeners()
    {
        var certificate = _options.HasKafkaTls ? PostgresAccess.CertificateOf(_options, _time) : null;
        return
        [
            .. _options.Kafka.Select(endpoint => new KafkaListener(endpoint.Name, endpoint.Advertised?.Host, endpoint.Advertised?.Port ?? 0)
            {
                Tls = endpoint.Security.HasFlag(KafkaSecurity.Ssl) ? certificate!.OptionsFor(protocol: null) : null,
                Sasl = endpoint.Security.HasFlag(KafkaSecurity.SaslPlaintext) ? _sasl : null,
            }),
        ];
    }

    /// <summary>A role that may log in with a password that counts.</summary>
    private SaslUser? Find(string name)
    {
        if (!Roles().TryGetValue(name, out var role) || !role.CanLogin || role.ValidUntil <= _time.GetUtcNow())
            return null;
        var sha256 = VerifierOf(role.Verifier, ScramHash.Sha256);
        var sha512 = VerifierOf(role.Sha512Verifier, ScramHash.Sha512);
        if ((sha256 ?? sha512) is not { } any)
            return null;
        return new(name, mechanism => CredentialOf(mechanism == ScramMechanism.Sha256 ? sha256 : sha512), any.Matches);
    }

    private static ScramVerifier? VerifierOf(string? text, ScramHash hash) =>
        ScramVerifier.TryParse(text ?? "", hash, out var verifier) ? verifier : null;

    private static ScramCredential? CredentialOf(ScramVerifier? verifier) =>
        verifier is null ? null : new(verifier.Salt, verifier.Iterations, verifier.StoredKey, verifier.ServerKey);
}

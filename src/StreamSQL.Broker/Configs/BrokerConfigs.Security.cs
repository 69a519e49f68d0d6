using static StreamSQL.Broker.Configs.ConfigUpdate;
using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <content>TLS, SASL and authorization.</content>
public static partial class BrokerConfigs
{
    private static ConfigDefinition[] Security =>
    [
        new("authorizer.class.name", Type.String, "", "A class that decides who may do what."),
        new("delegation.token.expiry.check.interval.ms", Type.Long, "3600000", "How often expired delegation tokens are removed.")
        { Minimum = 1 },
        new("delegation.token.expiry.time.ms", Type.Long, "86400000", "How long a delegation token lives unless it is renewed.")
        { Minimum = 1 },
        new("delegation.token.max.lifetime.ms", Type.Long, "604800000", "How long a delegation token can live.") { Minimum = 1 },
        new("delegation.token.secret.key", Type.Password, null, "The key that delegation tokens are signed with."),
        new("principal.builder.class", Type.Class, "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
            "A class that names authenticated clients."),
        new("sasl.client.callback.handler.class", Type.Class, null, "A callback handler of the SASL client."),
        new("sasl.enabled.mechanisms", Type.List, "GSSAPI", "The SASL mechanisms that are offered."),
        new("sasl.jaas.config", Type.Password, null, "The login settings of SASL."),
        new("sasl.kerberos.kinit.cmd", Type.String, "/usr/bin/kinit", "The Kerberos kinit command.") { Update = PerBroker },
        new("sasl.kerberos.min.time.before.relogin", Type.Long, "60000", "The least time between two logins by Kerberos.")
            { Update = PerBroker },
        new("sasl.kerberos.principal.to.local.rules", Type.List, "DEFAULT", "Rules that turn Kerberos principals into names.")
            { Update = PerBroker },
        new("sasl.kerberos.service.name", Type.String, null, "The Kerberos name of the service.") { Update = PerBroker },
        new("sasl.kerberos.ticket.renew.jitter", Type.Double, "0.05", "Random share added to the renewal time of tickets.")
            { Update = PerBroker },
        new("sasl.kerberos.ticket.renew.window.factor", Type.Double, "0.8", "After which share of its life a ticket is renewed.")
            { Update = PerBroker },
        new("sasl.login.callback.handler.class", Type.Class, null, "A callback handler of SASL logins."),
        new("sasl.login.class", Type.Class, null, "A class that logs in."),
        new("sasl.login.connect.timeout.ms", Type.Int, null, "How long connecting to an OAuth provider may take."),
        new("sasl.login.read.timeout.ms", Type.Int, null, "How long reading from an OAuth provider may take."),
        new("sasl.login.refresh.buffer.seconds", Type.Short, "300", "How long before its end a credential is renewed at the latest.")
        { Minimum = 0, Maximum = 3600 },
        new("sasl.login.refresh.min.period.seconds", Type.Short, "60", "How long a credential is kept at least.")
        { Minimum = 0, Maximum = 900 },
        new("sasl.login.refresh.window.factor", Type.Double, "0.8", "After which share of its life a credential is renewed."),
        new("sasl.login.refresh.window.jitter", Type.Double, "0.05", "Random share added to that."),
        new("sasl.login.retry.backoff.max.ms", Type.Long, "10000", "The longest rest between tries to log in."),
        new("sasl.login.retry.backoff.ms", Type.Long, "100", "The first rest between tries to log in."),
        new("sasl.mechanism.controller.protocol", Type.String, "GSSAPI", "The SASL mechanism towards controllers."),
        new("sasl.mechanism.inter.broker.protocol", Type.String, "GSSAPI", "The SASL mechanism among brokers."),
        new("sasl.oauthbearer.assertion.algorithm", Type.String, "RS256", "How the assertion that asks for a token is signed.")
        { Words = ["ES256", "RS256"], IgnoresCase = true },
        new("sasl.oauthbearer.assertion.claim.aud", Type.String, null, "The audience that the assertion names."),
        new("sasl.oauthbearer.assertion.claim.exp.seconds", Type.Int, "300", "How long the assertion is valid.")
        { Minimum = 0, Maximum = 86400 },
        new("sasl.oauthbearer.assertion.claim.iss", Type.String, null, "The issuer that the assertion names."),
        new("sasl.oauthbearer.assertion.claim.jti.include", Type.Boolean, "false", "Whether the assertion has an id of its own."),
        new("sasl.oauthbearer.assertion.claim.nbf.seconds", Type.Int, "60", "How long before its making the assertion is valid.")
        { Minimum = 0, Maximum = 3600 },
        new("sasl.oauthbearer.assertion.claim.sub", Type.String, null, "The subject that the assertion names."),
        new("sasl.oauthbearer.assertion.file", Type.String, null, "A file with a ready assertion."),
        new("sasl.oauthbearer.assertion.private.key.file", Type.String, null, "The key that signs the assertion."),
        new("sasl.oauthbearer.assertion.private.key.passphrase", Type.Password, null, "The password of that key."),
        new("sasl.oauthbearer.assertion.template.file", Type.String, null, "A file with more headers and claims of the assertion."),
        new("sasl.oauthbearer.client.credentials.client.id", Type.String, null, "The id of the client that asks for a token."),
        new("sasl.oauthbearer.client.credentials.client.secret", Type.Password, null, "The secret of that client."),
        new("sasl.oauthbearer.clock.skew.seconds", Type.Int, "30", "How far the clock of an OAuth provider may be off."),
        new("sasl.oauthbearer.expected.audience", Type.List, null, "The audience that a token must name."),
        new("sasl.oauthbearer.expected.issuer", Type.String, null, "The issuer that a token must name."),
        new("sasl.oauthbearer.jwks.endpoint.refresh.ms", Type.Long, "3600000", "How often the keys of an OAuth provider are read again."),
        new("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", Type.Long, "10000", "The longest rest between tries to read the keys."),
        new("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", Type.Long, "100", "The first rest between tries to read the keys."),
        new("sasl.oauthbearer.jwks.endpoint.url", Type.String, null, "Where the keys of an OAuth provider are."),
        new("sasl.oauthbearer.jwt.retriever.class", Type.Class, "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
            "A class that asks for tokens."),
        new("sasl.oauthbearer.jwt.validator.class", Type.Class, "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
            "A class that checks tokens."),
        new("sasl.oauthbearer.scope", Type.String, null, "The scope that is asked for."),
        new("sasl.oauthbearer.scope.claim.name", Type.String, "scope", "The claim that holds the scope."),
        new("sasl.oauthbearer.sub.claim.name", Type.String, "sub", "The claim that holds the subject."),
        new("sasl.oauthbearer.token.endpoint.url", Type.String, null, "Where tokens come from."),
        new("sasl.server.callback.handler.class", Type.Class, null, "A callback handler of the SASL server."),
        new("sasl.server.max.receive.size", Type.Int, "524288", "The largest SASL request."),
        new("security.providers", Type.String, null, "Classes that create security providers."),
        new("ssl.allow.dn.changes", Type.Boolean, "false", "Whether a new certificate may have another distinguished name."),
        new("ssl.allow.san.changes", Type.Boolean, "false", "Whether a new certificate may have other alternative names."),
        new("ssl.cipher.suites", Type.List, "", "The cipher suites that are offered."),
        new("ssl.client.auth", Type.String, "none", "Whether clients must show a certificate.")
        { Words = ["required", "requested", "none"] },
        new("ssl.enabled.protocols", Type.List, "TLSv1.2,TLSv1.3", "The versions of TLS that are offered."),
        new("ssl.endpoint.identification.algorithm", Type.String, "https", "How the name in a server's certificate is checked."),
        new("ssl.engine.factory.class", Type.Class, null, "A class that makes SSL engines."),
        new("ssl.key.password", Type.Password, null, "The password of the private key."),
        new("ssl.keymanager.algorithm", Type.String, "SunX509", "The algorithm of the key manager."),
        new("ssl.keystore.certificate.chain", Type.Password, null, "The certificate chain."),
        new("ssl.keystore.key", Type.Password, null, "The private key."),
        new("ssl.keystore.location", Type.String, null, "The key store."),
        new("ssl.keystore.password", Type.Password, null, "The password of the key store."),
        new("ssl.keystore.type", Type.String, "JKS", "The format of the key store."),
        new("ssl.principal.mapping.rules", Type.String, "DEFAULT", "Rules that turn distinguished names into names."),
        new("ssl.protocol", Type.String, "TLSv1.3", "The version of TLS."),
        new("ssl.provider", Type.String, null, "The security provider."),
        new("ssl.secure.random.implementation", Type.String, null, "The source of random numbers."),
        new("ssl.trustmanager.algorithm", Type.String, "PKIX", "The algorithm of the trust manager."),
        new("ssl.truststore.certificates", Type.Password, null, "The certificates that are trusted."),
        new("ssl.truststore.location", Type.String, null, "The trust store."),
        new("ssl.truststore.password", Type.Password, null, "The password of the trust store."),
        new("ssl.truststore.type", Type.String, "JKS", "The format of the trust store."),
    ];
}

namespace StreamSQL.Postgres.Authentication;

/// <summary>Who is let in, and how: the first rule that fits a client counts; whom none fits is not let in.</summary>
/// <param name="rules">The rules in order.</param>
public sealed class AuthenticationRules(IReadOnlyList<AuthenticationRule> rules)
{
    /// <summary>Clients of this machine are trusted, others need a password.</summary>
    public static AuthenticationRules Default { get; } = new(
    [
        new() { Kind = ConnectionKind.Local, Method = AuthenticationMethod.Trust },
        new() { Kind = ConnectionKind.Host, Method = AuthenticationMethod.ScramSha256 },
    ]);

    /// <summary>Everybody is trusted: the network is private.</summary>
    public static AuthenticationRules TrustAll { get; } = new([new() { Kind = ConnectionKind.Host, Method = AuthenticationMethod.Trust }]);

    /// <summary>The rules in order.</summary>
    public IReadOnlyList<AuthenticationRule> All => rules;

    /// <summary>The first rule that lets clients of other machines in without a password, or null.</summary>
    public AuthenticationRule? TrustingOtherMachines => rules.FirstOrDefault(static rule => rule.TrustsOtherMachines);

    /// <summary>The rule for a client, or null.</summary>
    public AuthenticationRule? Find(ClientFacts client) => rules.FirstOrDefault(rule => rule.Fits(client));
}

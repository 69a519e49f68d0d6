namespace StreamSQL.Broker.Security;

/// <summary>A login that is refused; the message is for the client, and does not say whether the user is there.</summary>
internal sealed class SaslException(string message) : Exception(message);

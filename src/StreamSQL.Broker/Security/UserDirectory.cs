using System.Net;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Security;

/// <summary>The users whose passwords Kafka's admin clients list and change (KIP-554). Who they are is the server's business.</summary>
/// <param name="List">What each user can log in with by SCRAM.</param>
/// <param name="ChangeAsync">
/// Makes all changes of a user, durably, or throws a <see cref="KafkaException"/> and makes none: the caller may not
/// (<see cref="ErrorCode.ClusterAuthorizationFailed"/>), or the name is no good (<see cref="ErrorCode.UnacceptableCredential"/>).
/// </param>
public sealed record UserDirectory(Func<IReadOnlyList<UserCredential>> List, Func<UserChange, UserCaller, Task> ChangeAsync);

/// <summary>A user's password of one kind.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Mechanism">What it is good for.</param>
/// <param name="Iterations">How often it was hashed.</param>
public readonly record struct UserCredential(string User, ScramMechanism Mechanism, int Iterations);

/// <summary>A change of a user, who is made if need be.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Credentials">What is set, by mechanism; null is what is removed.</param>
public sealed record UserChange(string User, IReadOnlyDictionary<ScramMechanism, ScramCredential?> Credentials);

/// <summary>Who asks for a change.</summary>
/// <param name="User">Who has logged in; null at a listener without logins.</param>
/// <param name="Address">The client's address; null when it is not known.</param>
public readonly record struct UserCaller(string? User, IPAddress? Address);

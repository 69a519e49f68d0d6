namespace StreamSQL.Kafka.Protocol;

/// <summary>The request or the response of an API.</summary>
/// <typeparam name="TSelf">The message itself.</typeparam>
public interface IApiMessage<TSelf>
    where TSelf : class, IApiMessage<TSelf>, new()
{
    /// <summary>The fields and the versions that have them; built when it is first read.</summary>
    static abstract MessageSchema<TSelf> Schema { get; }
}

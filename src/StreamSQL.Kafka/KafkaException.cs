namespace StreamSQL.Kafka;

/// <summary>A broker refused a request, or the request could not be carried out. The code is what a Kafka client is told.</summary>
public sealed class KafkaException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KafkaException(ErrorCode code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>The Kafka error code.</summary>
    public ErrorCode Code { get; }
}

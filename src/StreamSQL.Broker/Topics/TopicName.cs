using StreamSQL.Kafka;

namespace StreamSQL.Broker.Topics;

/// <summary>Kafka's grammar of topic names, and the names of the broker's own topics.</summary>
public static class TopicName
{
    /// <summary>Where consumer groups keep their offsets.</summary>
    public const string ConsumerOffsets = "__consumer_offsets";

    /// <summary>Where the transaction coordinator keeps its state.</summary>
    public const string TransactionState = "__transaction_state";

    private const int MaxLength = 249;

    /// <summary>Whether the topic is one of the broker's own, which clients may read but not write or delete.</summary>
    public static bool IsInternal(string name) => name is ConsumerOffsets or TransactionState;

    /// <summary>Checks a name: 1 to 249 of ASCII letters, digits, '.', '_' and '-', but not "." or "..".</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidTopic"/>.</exception>
    public static void Check(string name)
    {
        if (!IsValid(name))
        {
            throw new KafkaException(ErrorCode.InvalidTopic,
                "A topic name has 1 to 249 characters, each an ASCII letter, a digit, '.', '_' or '-', and is not '.' or '..'.");
        }
    }

    /// <summary>Whether the name follows the grammar.</summary>
    public static bool IsValid(string name)
    {
        if (name.Length is 0 or > MaxLength || name is "." or "..")
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                return false;
        }

        return true;
    }

    /// <summary>Names that differ only in '.' and '_' collide in metric names; Kafka refuses the second one, and so do we.</summary>
    public static string CollisionKey(string name) => name.Replace('.', '_');
}

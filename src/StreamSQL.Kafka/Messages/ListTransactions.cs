#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for transactional ids (KIP-664); empty filters let everything pass.</summary>
public sealed class ListTransactionsRequest : IApiMessage<ListTransactionsRequest>
{
    public List<string> StateFilters = [];
    public List<long> ProducerIdFilters = [];
    public long DurationFilter = -1;
    public string? TransactionalIdPattern;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListTransactionsRequest> Schema { get; } = new MessageSchema<ListTransactionsRequest>()
        .StringArray("0+", static m => ref m.StateFilters)
        .Int64Array("0+", static m => ref m.ProducerIdFilters)
        .Int64("1+", static m => ref m.DurationFilter)
        .NullableString("2+", static m => ref m.TransactionalIdPattern);
}

/// <summary>The transactional ids.</summary>
public sealed class ListTransactionsResponse : IApiMessage<ListTransactionsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public List<string> UnknownStateFilters = [];
    public List<Transaction> TransactionStates = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListTransactionsResponse> Schema { get; } = new MessageSchema<ListTransactionsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .StringArray("0+", static m => ref m.UnknownStateFilters)
        .Array("0+", static m => ref m.TransactionStates, Transaction.Schema);

    /// <summary>A transactional id.</summary>
    public sealed class Transaction
    {
        public string TransactionalId = "";
        public long ProducerId;
        public string TransactionState = "";

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Transaction> Schema = new MessageSchema<Transaction>()
            .String("0+", static m => ref m.TransactionalId)
            .Int64("0+", static m => ref m.ProducerId)
            .String("0+", static m => ref m.TransactionState);
    }
}

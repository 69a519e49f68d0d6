using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Kafka;
using StreamSQL.Storage.Files;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>What a client is told when the broker does not take its rows.</summary>
internal static class WriteErrors
{
    /// <summary>The error.</summary>
    public static SqlException Of(KafkaException error) => error.Code switch
    {
        ErrorCode.UnknownTopicOrPartition => new(
            PostgresErrorCodes.UndefinedTable, "the topic that is written to does not exist any more",
            "It was dropped meanwhile. Nothing was written.", inner: error),
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge => new(
            PostgresErrorCodes.ProgramLimitExceeded, $"a row or a transaction is too large: {error.Message}", inner: error),
        ErrorCode.RequestTimedOut or ErrorCode.NetworkException => new(
            PostgresErrorCodes.TransactionResolutionUnknown, $"it is not known whether the rows were written: {error.Message}",
            "Read them before you write them again.", inner: error),
        ErrorCode.KafkaStorageError when error.InnerException is DiskFullException => DiskFull(error),
        ErrorCode.KafkaStorageError => new(PostgresErrorCodes.IoError, $"the rows were not written: {error.Message}", inner: error),
        _ => new(PostgresErrorCodes.SystemError, $"the rows were not written: {error.Message}", inner: error),
    };

    /// <summary>53100, as in PostgreSQL.</summary>
    public static SqlException DiskFull(KafkaException error) => new(
        PostgresErrorCodes.DiskFull, $"could not write: {error.Message}",
        "What was being written when the disk became full may still appear: look before you write it again.", inner: error);
}

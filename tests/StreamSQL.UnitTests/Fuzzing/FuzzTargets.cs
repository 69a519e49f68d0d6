using StreamSQL.UnitTests.Fuzzing.Targets;

namespace StreamSQL.UnitTests.Fuzzing;

/// <summary>Every decoder that reads bytes from outside or from disk. A new one is added here, or in the file of its family.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. KafkaMessages.All, .. RecordBatches.All, .. CoordinatorRecords.All, .. PostgresMessages.All, .. PostgresLogins.All,
        .. KafkaLogins.All,
        .. SqlTexts.All,
        .. RecordFormats.All, .. SchemaFormats.All, .. StorageFiles.All, .. TopicChanges.All, .. EngineRecords.All,
    ];
}

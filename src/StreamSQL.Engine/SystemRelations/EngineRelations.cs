namespace StreamSQL.Engine.SystemRelations;

/// <summary>The schema streamsql: what the engine and its broker know about themselves.</summary>
internal static class EngineRelations
{
    /// <summary>The schema's name.</summary>
    public const string Schema = "streamsql";

    /// <summary>All of them, over one engine.</summary>
    public static IReadOnlyList<SystemRelation> Of(EngineServices services) =>
    [
        new QueriesRelation(services), new TasksRelation(services), new SourcesRelation(), new TopicsRelation(services),
        new PartitionsRelation(services),
        new ConsumerGroupsRelation(services), new BadRecordsRelation(services), new LateRecordsRelation(services),
    ];
}

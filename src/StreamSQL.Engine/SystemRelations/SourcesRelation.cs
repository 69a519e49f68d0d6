using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>streamsql.sources: the streams and tables.</summary>
internal sealed class SourcesRelation : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => EngineRelations.Schema + ".sources";

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = SchemaOf(
        ("name", SqlType.Varchar), ("kind", SqlType.Varchar), ("topic", SqlType.Varchar), ("partitions", SqlType.Integer),
        ("key_format", SqlType.Varchar),
        ("value_format", SqlType.Varchar), ("is_windowed", SqlType.Boolean), ("query_id", SqlType.Varchar), ("statement", SqlType.Varchar));

    /// <inheritdoc/>
    public override ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        foreach (var source in snapshot.Catalog.Sources.Values)
        {
            rows.Add(
                DisplayName.Of(source.Name), source.Kind.ToString().ToUpperInvariant(), source.Topic, source.Partitions,
                source.KeyFormat.Name,
                source.ValueFormat.Name, source.Window is not null, source.QueryId, source.Statement);
        }

        return ValueTask.CompletedTask;
    }
}

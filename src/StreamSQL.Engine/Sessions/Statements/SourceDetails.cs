using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>All about streams and tables, as EXTENDED lists it: columns, topic, formats, queries and what happened to their rows.</summary>
internal sealed class SourceDetails(EngineServices services)
{
    /// <summary>The columns of <see cref="OfAsync"/>.</summary>
    public static IReadOnlyList<ResultColumn> ColumnsOfOne { get; } =
        [new("section", SqlType.Varchar), new("name", SqlType.Varchar), new("value", SqlType.Varchar)];

    /// <summary>The columns of <see cref="OfAllAsync"/>.</summary>
    public static IReadOnlyList<ResultColumn> ColumnsOfAll { get; } = [new("source", SqlType.Varchar), .. ColumnsOfOne];

    /// <summary>Name, type and key of each column.</summary>
    public static IEnumerable<object?[]> Fields(SourceDefinition source) =>
        SourceSchemas.Of(source).Columns.Select(column => new object?[] { column.Name, column.Type.ToString(), KeyText(source, column) });

    /// <summary>All about one.</summary>
    public async ValueTask<IReadOnlyList<object?[]>> OfAsync(SourceDefinition source, CancellationToken cancellation)
    {
        var rows = Fields(source).Select(static field => new object?[] { "column", field[0], $"{field[1]} {field[2]}".TrimEnd() }).ToList();
        Add(rows, "source", "kind", source.Kind.ToString().ToUpperInvariant());
        Add(rows, "source", "statement", source.Statement);
        Add(rows, "source", "key format", source.KeyFormat.Name);
        Add(rows, "source", "value format", source.ValueFormat.Name);
        Add(rows, "source", "timestamp column",
            source.TimestampColumn is null ? "(the record's timestamp)" : $"{source.TimestampColumn} {source.TimestampFormat}".TrimEnd());
        if (source.Window is { } window)
            Add(rows, "source", "window", $"{window.Kind} {window.SizeMs} ms".ToUpperInvariant());
        await AddTopicAsync(rows, source, cancellation);
        AddQueries(rows, source, services.Log.Image);
        return rows;
    }

    /// <summary>All about all streams, or all tables.</summary>
    public async ValueTask<IReadOnlyList<object?[]>> OfAllAsync(RelationKind kind, CancellationToken cancellation)
    {
        var rows = new List<object?[]>();
        foreach (var source in services.Log.Image.Sources.Values.Where(source => source.Kind == kind))
            rows.AddRange((await OfAsync(source, cancellation)).Select(row => (object?[])[source.Name, .. row]));
        return rows;
    }

    private static string KeyText(SourceDefinition source, PlanColumn column) => column.Role switch
    {
        ColumnRole.Key when source.Kind == RelationKind.Table => "PRIMARY KEY",
        ColumnRole.Key => "KEY",
        ColumnRole.WindowStart or ColumnRole.WindowEnd => "WINDOW",
        _ => "",
    };

    private static void Add(List<object?[]> rows, string section, string name, object? value) =>
        rows.Add([section, name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)]);

    private static void AddCounters(List<object?[]> rows, string section, QueryCounters counters)
    {
        Add(rows, section, "rows read", counters.RowsIn);
        Add(rows, section, "rows written", counters.RowsOut);
        Add(rows, section, "late rows", counters.LateRows);
        Add(rows, section, "bad rows", counters.BadRows);
        Add(rows, section, "failed expressions", counters.FailedExpressions);
        Add(rows, section, "last error", counters.LastError ?? "");
    }

    private async ValueTask AddTopicAsync(List<object?[]> rows, SourceDefinition source, CancellationToken cancellation)
    {
        Add(rows, "topic", "name", source.Topic);
        Add(rows, "topic", "partitions", source.Partitions);
        for (var i = 0; i < source.Partitions; i++)
        {
            var offsets = await services.Tasks.Broker.GetOffsetsAsync(new TopicPartition(source.Topic, i), cancellation);
            Add(rows, "topic", $"offsets of partition {i}", $"{offsets.LogStart}..{offsets.LastStable}");
        }
    }

    private void AddQueries(List<object?[]> rows, SourceDefinition source, CatalogImage image)
    {
        foreach (var definition in image.Queries.Values)
        {
            var writes = definition.Sink == source.Name;
            if (!writes && !definition.Sources.Contains(source.Name))
                continue;
            Add(rows, writes ? "written by" : "read by", definition.Id, definition.Statement);
            if (services.Queries.Find(definition.Id) is not { } query)
                continue;
            Add(rows, definition.Id, "status", query.Status.ToString().ToUpperInvariant());
            Add(rows, definition.Id, "commits", query.Commits);
            Add(rows, definition.Id, "state bytes", query.StateBytes);
            AddCounters(rows, definition.Id, query.Counters);
        }

        if (services.Tasks.Tables.Find(source) is { } table)
        {
            foreach (var partition in table.Partitions)
                AddCounters(rows, $"in memory, partition {partition.Table.Id}", partition.Counters);
        }
    }
}

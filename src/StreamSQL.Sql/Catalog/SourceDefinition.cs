using System.Text.Json.Serialization;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Catalog;

/// <summary>A stream or table of the catalog. Immutable.</summary>
public sealed record SourceDefinition
{
    /// <summary>Its name, folded to upper case unless it was quoted.</summary>
    public required string Name { get; init; }

    /// <summary>Stream or table.</summary>
    public required RelationKind Kind { get; init; }

    /// <summary>Key columns first, then value columns, then those that show record headers.</summary>
    public required IReadOnlyList<SourceColumn> Columns { get; init; }

    /// <summary>
    /// The columns as they were written: keys first, columns that show headers where they were declared among the others.
    /// </summary>
    public IReadOnlyList<SourceColumn> WrittenColumns
    {
        get
        {
            var columns = Columns.Where(static column => column.Header is null).ToList();
            var keys = columns.Count(static column => column.IsKey);
            foreach (var header in Columns.Where(static column => column.Header is not null))
                columns.Insert(Math.Min(keys + header.Header!.Place, columns.Count), header);
            return columns;
        }
    }

    /// <summary>The topic that holds its records.</summary>
    public required string Topic { get; init; }

    /// <summary>Partitions of the topic.</summary>
    public required int Partitions { get; init; }

    /// <summary>Format of record keys.</summary>
    public required FormatSpec KeyFormat { get; init; }

    /// <summary>Format of record values.</summary>
    public required FormatSpec ValueFormat { get; init; }

    /// <summary>The column that gives event time (WITH TIMESTAMP), or null: then it is the record's timestamp.</summary>
    public string? TimestampColumn { get; init; }

    /// <summary>Pattern of a textual timestamp column (Java DateTimeFormatter), or null.</summary>
    public string? TimestampFormat { get; init; }

    /// <summary>The window of the key, when records are keyed by key and window.</summary>
    public WindowSpec? Window { get; init; }

    /// <summary>The query that writes it (CREATE ... AS SELECT), or null.</summary>
    public string? QueryId { get; init; }

    /// <summary>Whether INSERT is refused (SOURCE).</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether its topic was made for it, under its name and unasked: then the topic goes when it is dropped.</summary>
    public bool OwnsTopic { get; init; }

    /// <summary>
    /// Whether a stream was made by a CREATE TABLE without PRIMARY KEY: DROP TABLE and ALTER TABLE take it, too.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsKeylessTable { get; init; }

    /// <summary>CHECK, UNIQUE and REFERENCES; null for none.</summary>
    public TableConstraints? Constraints { get; init; }

    /// <summary>
    /// Names under which records hold values of columns that are gone, or have other names now: no new column is stored under them.
    /// </summary>
    public IReadOnlyList<string>? FormerNames { get; init; }

    /// <summary>Whether a statement about streams or about tables may mean it.</summary>
    public bool IsOf(RelationKind kind) => Kind == kind || (IsKeylessTable && kind == RelationKind.Table);

    /// <summary>The statement that made it.</summary>
    public required string Statement { get; init; }
}

/// <summary>A column of a stream or table.</summary>
public sealed record SourceColumn(string Name, SqlType Type, bool IsKey)
{
    /// <summary>Which record headers it shows; null where it is part of the record's key or value.</summary>
    public SourceHeader? Header { get; init; }

    /// <summary>Whether clients' statements may not write NULL there (NOT NULL). Records of the topic may lack it all the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsNotNull { get; init; }

    /// <summary>Whether INSERT and UPDATE may give no value but the default (GENERATED ALWAYS AS IDENTITY).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsAlwaysGenerated { get; init; }

    /// <summary>The name that its values have in records, where that is another (ALTER TABLE ... RENAME COLUMN).</summary>
    public string? StoredName { get; init; }

    /// <summary>How many characters clients' statements may write at most (VARCHAR(n), CHAR(n)); null for any number.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// The expression, as SQL, whose value the column has in rows that INSERT and COPY leave it out of (DEFAULT); null is NULL.
    /// </summary>
    public string? Default { get; init; }
}

/// <summary>The record headers that a column shows.</summary>
/// <param name="Key">The key of the one header whose value it is; null for all headers.</param>
/// <param name="Place">How many columns that are no keys were written before it.</param>
public sealed record SourceHeader(string? Key, int Place = 0);

/// <summary>A record format with its options.</summary>
/// <param name="Name">JSON, DELIMITED, KAFKA, NONE, ...</param>
/// <param name="WrapSingle">Whether a single column is wrapped in an object; null is the format's default.</param>
/// <param name="Delimiter">DELIMITED's separator; null is a comma.</param>
public sealed record FormatSpec(string Name, bool? WrapSingle = null, char? Delimiter = null)
{
    /// <summary>
    /// The schema that is written with; null for formats without schemas, and where the topic's schema is not the source's own.
    /// </summary>
    public int? SchemaId { get; init; }

    /// <summary>The record or message of the schema that is meant; null for the format's default.</summary>
    public string? SchemaFullName { get; init; }

    /// <summary>How NULL is written in PROTOBUF.</summary>
    public NullableRepresentation NullableRepresentation { get; init; }

    /// <summary>The options as the format takes them.</summary>
    public FormatOptions ToOptions(bool isKey) => new()
    {
        IsKey = isKey,
        WrapSingle = WrapSingle,
        Delimiter = Delimiter?.ToString(),
        SchemaId = SchemaId,
        SchemaFullName = SchemaFullName,
        NullableRepresentation = NullableRepresentation,
    };
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans CREATE STREAM and CREATE TABLE over a topic.</summary>
internal sealed class SourcePlanner(PlanningContext context)
{
    private static readonly string[] Reserved = ["ROWTIME", "ROWPARTITION", "ROWOFFSET", "WINDOWSTART", "WINDOWEND"];

    private readonly CountedColumns _counted = new(context);

    public PlannedCreateSource Plan(CreateSourceStatement create)
    {
        if (IsKeyless(create))
            return Plan(create with { Kind = RelationKind.Stream }, isKeylessTable: true);
        return Plan(create, isKeylessTable: false);
    }

    /// <summary>
    /// Whether it is a table as PostgreSQL's users write one, of which no column is unique: its rows are a stream's, which only grows. Over
    /// a topic that is named, and with <c>ksql.compat</c>, a table needs a key.
    /// </summary>
    private bool IsKeyless(CreateSourceStatement create) =>
        create is { Kind: RelationKind.Table, IsReadOnly: false, Properties.Count: 0, PrimaryKey.Count: 0, Elements.Count: > 0 }
        && create.Elements.All(static element => element.Constraint == ColumnConstraint.None)
        && !BindingContext.IsCompatibleUnder(context.Properties);

    private PlannedCreateSource Plan(CreateSourceStatement create, bool isKeylessTable)
    {
        var name = NewName(create, context, out var existing);
        if (existing is not null && create.IfNotExists)
            return new PlannedCreateSource(existing, false, new Dictionary<string, string>(), true);
        var options = new WithOptions(create.Properties);
        SourceFormats.RequireValueFormat(options, context.Properties, create.Position);
        SourceFormats.CheckDelimiters(options);
        var columns = Columns(create, options);
        SourceColumn[] stored = [.. columns.Where(static column => column.Header is null)];
        var ownsTopic = options.Text("KAFKA_TOPIC") is null && (isKeylessTable || MayOwnTopic(create, existing));
        var topic = options.Text("KAFKA_TOPIC") ?? (ownsTopic ? name : throw MissingTopic(create));
        var isNew = !context.Topics.TryGetValue(topic, out var partitions);
        if (ownsTopic && !isNew && existing is null)
            throw TakenTopic(topic, create);
        partitions = ownsTopic && isNew ? TopicSettings.Wanted(options)
            ?? 1 : TopicSettings.Partitions(options, topic, isNew ? null : partitions, create);
        var window = options.Window();
        var source = new SourceDefinition
        {
            Name = name,
            Kind = create.Kind,
            Columns = columns,
            Topic = topic,
            Partitions = partitions,
            KeyFormat = SourceFormats.Key(options, null, stored, context, name, mayChange: ownsTopic),
            ValueFormat = SourceFormats.Value(options, null, stored, context, name),
            TimestampColumn = TimestampColumn(options, columns),
            TimestampFormat = options.Text("TIMESTAMP_FORMAT"),
            Window = window,
            IsReadOnly = create.IsReadOnly,
            OwnsTopic = ownsTopic,
            IsKeylessTable = isKeylessTable,
            Statement = create.Text,
        };
        var constraints = new ConstraintPlanner(context);
        source = constraints.Add(source, [.. create.Constraints, .. constraints.OfEnumerations(create.Elements)]);
        if (existing is not null)
            SourceUpgrade.Check(existing, source, create.Name.Position);
        return new PlannedCreateSource(source, isNew, TopicSettings.Configs(options, create.Kind == RelationKind.Table), false)
            { Sequences = _counted.Sequences };
    }

    /// <summary>
    /// Whether a table without a topic gets one of its name, as PostgreSQL's users expect of CREATE
    /// TABLE. With <c>ksql.compat</c> that is an error.
    /// </summary>
    private bool MayOwnTopic(CreateSourceStatement create, SourceDefinition? existing) =>
        create is { Kind: RelationKind.Table, IsReadOnly: false } && existing is null or { OwnsTopic: true }
        && !BindingContext.IsCompatibleUnder(context.Properties);

    private static SqlException MissingTopic(CreateSourceStatement create) => BindingErrors.Syntax(
        "Missing required property \"KAFKA_TOPIC\" in the WITH clause.", create.Position, "Add WITH (KAFKA_TOPIC = 'name').");

    private static SqlException TakenTopic(string topic, CreateSourceStatement create) => new(
        PostgresErrorCodes.DuplicateTable, $"there is a topic '{topic}' already",
        $"Write WITH (KAFKA_TOPIC = '{topic}') for a table over its records, or choose another name.", create.Name.Position);

    /// <summary>The name of a new stream or table, checked against what there is.</summary>
    /// <exception cref="SqlException">42P07: the name is taken, and neither IF NOT EXISTS nor OR REPLACE was written.</exception>
    public static string NewName(CreateSourceStatement create, PlanningContext context, out SourceDefinition? existing)
    {
        if (create.Name.IsQualified && !create.Name.Parts[^2].Name.Equals("PUBLIC", StringComparison.OrdinalIgnoreCase))
            throw BindingErrors.NotSupported($"there is no schema {create.Name.Parts[^2]}", create.Name.Position,
                "Leave it out: streams and tables live in public.");
        var name = create.Name.Last.Name;
        existing = context.Catalog.Sources.GetValueOrDefault(name);
        if (create is { IsReadOnly: true, OrReplace: true })
            throw BindingErrors.NotSupported($"Cannot add {create.Kind.ToString().ToLowerInvariant()} '{name}': CREATE OR REPLACE is not " +
                $"supported on source {create.Kind.ToString().ToLowerInvariant()}s.", create.Name.Position);
        if (context.Catalog.Views.ContainsKey(name))
            throw new SqlException(PostgresErrorCodes.DuplicateTable, $"relation \"{DisplayName.Of(name)}\" already exists",
                "It is a view.", create.Name.Position);
        if (existing is null || create.IfNotExists)
            return name;
        var kind = create.Kind.ToString().ToLowerInvariant();
        if (!create.OrReplace)
        {
            throw new SqlException(
                PostgresErrorCodes.DuplicateTable,
                $"Cannot add {kind} '{name}': A {existing.Kind.ToString().ToLowerInvariant()} with the same name already exists",
                "Write CREATE OR REPLACE, IF NOT EXISTS, or DROP it first.", create.Name.Position);
        }

        if (existing.IsReadOnly)
            throw BindingErrors.NotSupported($"Cannot add {kind} '{name}': CREATE OR REPLACE is not supported on source {kind}s.",
                create.Name.Position);
        if (existing.Kind != create.Kind)
            throw BindingErrors.NotSupported($"Cannot replace {existing.Kind.ToString().ToLowerInvariant()} '{name}' by a {kind}",
                create.Name.Position);
        if (existing.QueryId is null != create.Query is null)
        {
            throw BindingErrors.NotSupported(
                existing.QueryId is null
                    ? $"Cannot replace '{name}': it was made without AS SELECT"
                    : $"Cannot replace '{name}': the query {existing.QueryId} writes it", create.Name.Position, "DROP it first.");
        }

        return name;
    }

    private List<SourceColumn> Columns(CreateSourceStatement create, WithOptions options)
    {
        var columns = create.Elements.Select(element => Written(create, element)).ToList();
        columns.AddRange(SchemaInference.Columns(create, options, context, isKey: true));
        columns.AddRange(SchemaInference.Columns(create, options, context, isKey: false));
        if (columns.Count == 0)
            throw BindingErrors.Syntax("No columns supplied.", create.Position,
                "Name the columns and their types: the formats in use have no schema to read them from.");
        if (columns.Find(static column => Reserved.Contains(column.Name)) is { } reserved)
            throw BindingErrors.Syntax($"'{reserved.Name}' is a reserved column name. You cannot use it as a column name.",
                create.Position);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, column) in columns.Index())
        {
            if (!seen.Add(column.Name))
            {
                var position = i < create.Elements.Count ? create.Elements[i].Position : create.Position;
                throw new SqlException(PostgresErrorCodes.DuplicateColumn, $"Duplicate column names: {column.Name}", position: position);
            }
        }

        foreach (var key in create.PrimaryKey)
        {
            var index = columns.FindIndex(c => c.Name == key.Name);
            if (index < 0)
                throw BindingErrors.UnknownColumn(new QualifiedName([key], key.Position), "PRIMARY KEY", columns.Select(static c => c.Name),
                    Data.Functions.RuleSet.Ksql);
            columns[index] = columns[index] with { IsKey = true };
        }

        if (create.Kind == RelationKind.Table && !columns.Any(static c => c.IsKey))
            throw BindingErrors.Syntax("Tables require a PRIMARY KEY. Please define the PRIMARY KEY.", create.Position,
                "Write PRIMARY KEY after the type of a column.");
        var values = columns.Where(static c => !c.IsKey).ToList();
        return
        [
            .. columns.Where(static c => c.IsKey), .. values.Where(static c => c.Header is null),
            .. values.Index().Where(static pair => pair.Item.Header is not null)
                .Select(static pair => pair.Item with { Header = pair.Item.Header! with { Place = pair.Index } }),
        ];
    }

    private SourceColumn Written(CreateSourceStatement create, ColumnElement element)
    {
        var counted = _counted.TypeOf(element) is { } type ? element with { Type = type } : null;
        var kept = counted ?? element with { Type = StoredTypes.Of(element.Type, context) };
        var column = ColumnDefaults.Set(Column(create.Kind, kept, context.Catalog.Types), element.Default, context);
        return counted is null && element.Identity is null ? column : _counted.Count(create.Name.Last.Name, column, element);
    }

    /// <summary>A column as it was written, checked.</summary>
    internal static SourceColumn Column(RelationKind kind, ColumnElement element, IReadOnlyDictionary<string, SqlType> types)
    {
        var name = element.Name.Name;
        if (Reserved.Contains(name))
            throw BindingErrors.Syntax($"'{name}' is a reserved column name. You cannot use it as a name for a column.", element.Position);
        var isTable = kind == RelationKind.Table;
        if (element.Constraint == ColumnConstraint.Key && isTable)
            throw BindingErrors.Syntax(
                $"{BindingErrors.Place(element.Position)}Column `{name}` is a 'KEY' column: please use 'PRIMARY KEY' for tables.",
                element.Position);
        if (element.Constraint == ColumnConstraint.PrimaryKey && !isTable)
            throw BindingErrors.Syntax(
                $"{BindingErrors.Place(element.Position)}Column `{name}` is a 'PRIMARY KEY' column: please use 'KEY' for streams.",
                element.Position);
        var type = TypeResolver.Resolve(element.Type, types);
        var isKey = element.Constraint is ColumnConstraint.Key or ColumnConstraint.PrimaryKey;
        RequireStorable(type, element.Position);
        return new SourceColumn(name, type, isKey)
            { Header = Header(type, element), IsNotNull = element.IsNotNull, MaxLength = StoredTypes.MaxLength(element.Type) };
    }

    private static SourceHeader? Header(SqlType type, ColumnElement element)
    {
        if (element.Constraint is not (ColumnConstraint.Headers or ColumnConstraint.Header))
            return null;
        var (what, wanted) = element.Constraint == ColumnConstraint.Headers
            ? ("HEADERS",
                SqlType.ArrayOf(SqlType.StructOf([new StructField("KEY", SqlType.Varchar), new StructField("VALUE", SqlType.Bytes)])))
            : ($"HEADER('{element.HeaderKey}')", SqlType.Bytes);
        return type.Equals(wanted)
            ? new SourceHeader(element.Constraint == ColumnConstraint.Headers ? null : element.HeaderKey)
            : throw BindingErrors.Mismatch(
                $"Invalid type for {what} column: expected {BindingErrors.Name(wanted)}, got {BindingErrors.Name(type)}", element.Position);
    }

    /// <summary>Checks that a column may have a type.</summary>
    /// <exception cref="SqlException">0A000: it may not.</exception>
    public static void RequireStorable(SqlType type, TextPosition position)
    {
        if (type.Kind > SqlTypeKind.Struct)
            throw BindingErrors.NotSupported($"a column cannot be of type {type}", position);
        foreach (var inner in type.Fields.Select(static f => f.Type).Append(type.Element).Append(type.Key).OfType<SqlType>())
            RequireStorable(inner, position);
    }

    /// <summary>WITH (TIMESTAMP = 'column'), checked; null when it is not given.</summary>
    public static string? TimestampColumn(WithOptions options, IReadOnlyList<SourceColumn> columns)
    {
        if (options.Text("TIMESTAMP") is not { } written)
            return options.Position("TIMESTAMP_FORMAT") is { } format
                ? throw BindingErrors.Syntax("TIMESTAMP_FORMAT needs TIMESTAMP", format) : null;
        var name = written.StartsWith('`') && written.EndsWith('`') && written.Length > 2 ? written[1..^1] : written.ToUpperInvariant();
        var position = options.Position("TIMESTAMP")!.Value;
        var column = columns.FirstOrDefault(c => c.Name == name) ?? throw new SqlException(
            PostgresErrorCodes.UndefinedColumn, $"The TIMESTAMP column set in the WITH clause does not exist in the schema: '{name}'",
            BindingErrors.DidYouMean(name, columns.Select(static c => c.Name)), position);
        var hasFormat = options.Has("TIMESTAMP_FORMAT");
        if (hasFormat)
            CheckPattern(options);
        return (column.Type.Kind, hasFormat) switch
        {
            (SqlTypeKind.BigInt or SqlTypeKind.Timestamp, false) or (SqlTypeKind.Varchar, true) => name,
            (SqlTypeKind.Varchar, false) => throw BindingErrors.Syntax(
                $"A String timestamp field has been specified without also specifying the timestamp_format", position,
                "Add TIMESTAMP_FORMAT = 'yyyy-MM-dd HH:mm:ss'."),
            (SqlTypeKind.BigInt or SqlTypeKind.Timestamp, true) =>
                throw BindingErrors.Syntax("TIMESTAMP_FORMAT set, when TIMESTAMP column is not a VARCHAR", position),
            _ => throw BindingErrors.Mismatch(
                $"Timestamp column, `{name}`, should be LONG(INT64), TIMESTAMP, or a String with a timestamp_format specified.", position),
        };
    }

    // With a pattern that is none every record would be left out.
    private static void CheckPattern(WithOptions options)
    {
        if (!JavaDatePattern.TryCompile(options.Text("TIMESTAMP_FORMAT")!, out _, out var reason))
            throw BindingErrors.Invalid($"TIMESTAMP_FORMAT is not a pattern: {reason}", options.Position("TIMESTAMP_FORMAT")!.Value);
    }
}

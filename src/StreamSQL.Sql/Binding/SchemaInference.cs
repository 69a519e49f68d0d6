using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Columns that a statement does not name but takes from the schema of its topic; and the check of
/// those that it writes with a schema of its choice.
/// </summary>
internal static class SchemaInference
{
    /// <summary>Whether the columns of the key or the value come from a schema.</summary>
    public static bool Infers(CreateSourceStatement create, WithOptions options, IReadOnlyDictionary<string, string> properties,
        bool isKey) =>
        create.Query is null && !HasElements(create, isKey)
            && SchemaFormats.Find(SourceFormats.NameOf(options, properties, isKey)) is not null;

    /// <summary>
    /// The columns of the key or the value as the fetched schema has them; none when the statement
    /// names them itself, or its format has no schema.
    /// </summary>
    /// <exception cref="SqlException">22023: there is no schema, or it is not what the statement takes it for.</exception>
    public static IReadOnlyList<SourceColumn> Columns(CreateSourceStatement create, WithOptions options,
        PlanningContext context, bool isKey)
    {
        var format = SourceFormats.NameOf(options, context.Properties, isKey);
        var id = CheckedId(options, format, isKey);
        if (id is not null && HasElements(create, isKey))
            throw BindingErrors.Syntax($"Table elements and {OptionOf(isKey)} cannot both exist for create statement.",
                options.Position(OptionOf(isKey))!.Value);
        if (!Infers(create, options, context.Properties, isKey))
            return [];
        var schema = context.Schemas.Of(isKey) ?? throw Missing(options, create, id, isKey);
        var columns = ColumnsOf(schema, options, context, format, isKey);
        // ksqlDB's rule: names of a schema that is named by its id stay as they are.
        return id is null ? [.. columns.Select(static column => column with { Name = Upper(column.Name), Type = Upper(column.Type) })]
            : columns;
    }

    /// <summary>
    /// Checks that the columns of a query's result are those of the schema that the statement names;
    /// what the schema has beyond them comes last.
    /// </summary>
    /// <exception cref="SqlException">22023: they are not.</exception>
    public static void CheckResult(
        WithOptions options, PlanningContext context, IReadOnlyList<SourceColumn> columns, FormatSpec format, bool isKey)
    {
        // Planned again after a restart, nothing is fetched: it was checked when it was made.
        if (CheckedId(options, format.Name, isKey) is not { } id || context.Schemas.Of(isKey) is not { } schema)
            return;
        var wanted = ColumnsOf(schema, options, context, format.Name, isKey);
        var own = columns.Where(column => column.IsKey == isKey).ToList();
        // A key that is not wrapped has no name in its schema.
        var hasNames = wanted.Count != 1 || wanted[0].Name is not ("ROWKEY" or "ROWVAL");
        var changed = own.Where((column, i) => i >= wanted.Count || !wanted[i].Type.Equals(column.Type)
            || (hasNames && wanted[i].Name != column.Name)).ToList();
        if (changed.Count == 0)
            return;
        var kind = isKey ? "key" : "value";
        throw new SqlException(
            PostgresErrorCodes.InvalidParameterValue,
            $"The following {kind} columns are changed, missing or reordered: [{Describe(changed)}]. Schema from schema registry is [" +
                $"{Describe(wanted)}]",
            $"Schema {id} decides names, types and order of the {kind} columns.", options.Position(OptionOf(isKey)));
    }

    private static string OptionOf(bool isKey) => isKey ? "KEY_SCHEMA_ID" : "VALUE_SCHEMA_ID";

    private static int? CheckedId(WithOptions options, string format, bool isKey)
    {
        if (options.SchemaId(isKey) is not { } id)
            return null;
        return SchemaFormats.Find(format) is not null
            ? id
            : throw BindingErrors.Invalid(
                $"{OptionOf(isKey)} is provided but format {format} doesn't support registering in Schema Registry",
                options.Position(OptionOf(isKey))!.Value);
    }

    private static bool HasElements(CreateSourceStatement create, bool isKey) => create.Elements.Any(element =>
        isKey ? element.Constraint is ColumnConstraint.Key or ColumnConstraint.PrimaryKey
            || create.PrimaryKey.Any(name => name.Name == element.Name.Name)
            : element.Constraint == ColumnConstraint.None && create.PrimaryKey.All(name => name.Name != element.Name.Name));

    private static IReadOnlyList<SourceColumn> ColumnsOf(
        RegisteredSchema schema, WithOptions options, PlanningContext context, string formatName, bool isKey)
    {
        var format = SchemaFormats.Find(formatName)!;
        if (format.SchemaType != schema.Schema.Type)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue,
                $"{(isKey ? "Key" : "Value")} format is {format.Name}, but schema {schema.Id} is of type " +
                    $"{schema.Schema.Type.ToString().ToUpperInvariant()}");
        }

        var root = format.ToSqlType(schema.Schema, new FormatOptions
        {
            IsKey = isKey,
            SchemaFullName = options.SchemaFullName(isKey),
            HasKsqlOrder = BindingContext.IsCompatibleUnder(context.Properties),
        });
        var isWrapped = !format.CanUnwrap || !(isKey || options.Flag("WRAP_SINGLE_VALUE") is false);
        if (!isWrapped)
            return [new SourceColumn(isKey ? "ROWKEY" : "ROWVAL", root, isKey)];
        return root.Kind == SqlTypeKind.Struct
            ? [.. root.Fields.Select(field => new SourceColumn(field.Name, field.Type, isKey))]
            : throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue, $"schema {schema.Id} is {BindingErrors.Name(root)}, not a record with fields",
                isKey ? null : "WITH (WRAP_SINGLE_VALUE = false) makes one column of it.");
    }

    private static SqlException Missing(WithOptions options, CreateSourceStatement create, int? id, bool isKey)
    {
        var kind = isKey ? "keys" : "values";
        var topic = options.Text("KAFKA_TOPIC") ?? create.Name.Last.Name;
        var subject = SchemaLookup.SubjectOf(topic, isKey);
        return new SqlException(
            PostgresErrorCodes.UndefinedObject,
            $"Schema for message {kind} on topic '{topic}' does not exist in the Schema Registry." +
                $"{(id is null ? "" : $" Schema Id: {id}.")} Subject: {subject}",
            $"Name the columns, or register a schema under {subject} first.", create.Position);
    }

    private static string Describe(IEnumerable<SourceColumn> columns) =>
        string.Join(", ",
            columns.Select(static column => $"`{column.Name}` {BindingErrors.Name(column.Type)}{(column.IsKey ? " KEY" : "")}"));

    private static string Upper(string name) => name.ToUpperInvariant();

    private static SqlType Upper(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Array => SqlType.ArrayOf(Upper(type.Element!)),
        SqlTypeKind.Map => SqlType.MapOf(type.Key!, Upper(type.Element!)),
        SqlTypeKind.Struct =>
            SqlType.StructOf([.. type.Fields.Select(static field => new StructField(Upper(field.Name), Upper(field.Type)))]),
        _ => type,
    };
}

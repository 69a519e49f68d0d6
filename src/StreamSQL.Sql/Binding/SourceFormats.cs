using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Schemas;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Sql.Binding;

/// <summary>Key and value formats of a stream or table: from WITH, from the source that it is made from, or the defaults.</summary>
internal static class SourceFormats
{
    private const string DefaultKey = "KAFKA";
    private const string DefaultValue = "JSON";
    private const string DefaultKeyProperty = "ksql.persistence.default.format.key";
    private const string DefaultValueProperty = "ksql.persistence.default.format.value";

    /// <summary>The name of the format that a statement gives or the session has as default, in the key or the value.</summary>
    public static string NameOf(WithOptions options, IReadOnlyDictionary<string, string> properties, bool isKey) => FormatFactory.Canonical(
        options.Text(isKey ? "KEY_FORMAT" : "VALUE_FORMAT") ?? options.Text("FORMAT")
        ?? properties.GetValueOrDefault(isKey ? DefaultKeyProperty : DefaultValueProperty, isKey ? DefaultKey : DefaultValue));

    /// <summary>The key's format; a stream without a key has one too, for what is made from it.</summary>
    /// <param name="options">The statement's options.</param>
    /// <param name="inherited">The format of what a result is made from; null for a stream or table over a topic.</param>
    /// <param name="columns">All columns.</param>
    /// <param name="context">What the statement is planned against.</param>
    /// <param name="source">The name of the stream or table.</param>
    /// <param name="mayChange">Whether an inherited format gives way to one that holds several columns.</param>
    public static FormatSpec Key(
        WithOptions options, FormatSpec? inherited, IReadOnlyList<SourceColumn> columns, PlanningContext context, string source,
        bool mayChange = false)
    {
        var keys = columns.Where(static c => c.IsKey).ToList();
        var written = options.Text("KEY_FORMAT") ?? options.Text("FORMAT");
        if (written is not null)
            written = FormatFactory.Canonical(written);
        if (keys.Count == 0)
            return written is null ? Layout(inherited)
                ?? new FormatSpec(Property(context, DefaultKeyProperty, DefaultKey)) : new FormatSpec(written);
        foreach (var key in keys)
            RequireComparable(key);
        var delimiter = options.Text("KEY_DELIMITER");
        if (written is not null)
            return Check(WithSchema(new FormatSpec(written, null, Delimiter(delimiter)), options, source, isKey: true), delimiter, keys,
                isKey: true);
        var format = inherited is { Name: not "NONE" }
            ? Layout(inherited)! : new FormatSpec(Property(context, DefaultKeyProperty, DefaultKey));
        if (delimiter is not null)
            format = format with { Delimiter = Delimiter(delimiter) };
        // ksqlDB's rule: KAFKA holds one value, so a group's key of several columns is JSON; any other key that does not fit is an error.
        return mayChange && keys.Count > 1 && format.Name is DefaultKey
            ? new FormatSpec(DefaultValue)
            : Check(WithSchema(format, options, source, isKey: true), delimiter, keys, isKey: true);
    }

    /// <summary>
    /// Checks that a stream or table over a topic says what its values are; without <c>ksql.compat</c> they are JSON unless it does.
    /// </summary>
    /// <exception cref="SqlException">42601: neither the statement nor the session says it.</exception>
    public static void RequireValueFormat(WithOptions options, IReadOnlyDictionary<string, string> properties, TextPosition position)
    {
        if (BindingContext.IsCompatibleUnder(properties) && !options.Has("VALUE_FORMAT") && !options.Has("FORMAT")
            && !properties.ContainsKey(DefaultValueProperty))
        {
            throw BindingErrors.Syntax(
                "Statement is missing the 'VALUE_FORMAT' property from the WITH clause.", position,
                $"Either provide one, or FORMAT, or set a default via '{DefaultValueProperty}'.");
        }
    }

    /// <summary>Checks delimiters that are written beside their formats, whatever the columns are.</summary>
    /// <exception cref="SqlException">22023: a format has none, or not this one.</exception>
    public static void CheckDelimiters(WithOptions options)
    {
        if (options.Text("KEY_DELIMITER") is { } ofKeys && (options.Text("KEY_FORMAT") ?? options.Text("FORMAT")) is { } keys)
            FormatFactory.CheckDelimiter(FormatFactory.Canonical(keys), ofKeys);
        if (options.Text("VALUE_DELIMITER") is { } ofValues && (options.Text("VALUE_FORMAT") ?? options.Text("FORMAT")) is { } values)
            FormatFactory.CheckDelimiter(FormatFactory.Canonical(values), ofValues);
    }

    /// <summary>The value's format.</summary>
    public static FormatSpec Value(WithOptions options, FormatSpec? inherited, IReadOnlyList<SourceColumn> columns, PlanningContext context,
        string source)
    {
        var values = columns.Where(static c => !c.IsKey).ToList();
        var written = options.Text("VALUE_FORMAT") ?? options.Text("FORMAT");
        var delimiter = options.Text("VALUE_DELIMITER");
        var name = FormatFactory.Canonical(written ?? inherited?.Name ?? Property(context, DefaultValueProperty, DefaultValue));
        var isInherited = inherited is not null && inherited.Name == name;
        var format = new FormatSpec(
            name, options.Flag("WRAP_SINGLE_VALUE") ?? WrapByDefault(name, values.Count, context),
            delimiter is null && isInherited ? inherited!.Delimiter : Delimiter(delimiter));
        return Check(WithSchema(format, options, source, isKey: false), delimiter, values, isKey: false);
    }

    /// <summary>What a result takes over from the format that it inherits: not its schema.</summary>
    private static FormatSpec? Layout(FormatSpec? format) =>
        format is null ? null : new FormatSpec(format.Name, format.WrapSingle, format.Delimiter);

    /// <summary>What the statement says of the schema; a result never takes that from what it is made of.</summary>
    private static FormatSpec WithSchema(FormatSpec format, WithOptions options, string source, bool isKey) => format with
    {
        SchemaId = options.SchemaId(isKey),
        SchemaFullName = options.SchemaFullName(isKey) ?? SchemaFormats.Find(format.Name)?.DefaultFullName(source, isKey),
        NullableRepresentation = options.NullableRepresentation(isKey),
    };

    // A result does not take its wrapping from what it is made of: only the statement and this property say it.
    private static bool? WrapByDefault(string format, int columns, PlanningContext context) =>
        (format == DefaultValue || SchemaFormats.Find(format) is { CanUnwrap: true }) && columns == 1
            && bool.TryParse(Property(context, "ksql.persistence.wrap.single.values", ""), out var wraps) ? wraps : null;

    /// <summary>Checks that equal keys are equal bytes.</summary>
    /// <exception cref="SqlException">42P16: the key has a map in it.</exception>
    public static void RequireComparable(SourceColumn key)
    {
        if (HasMap(key.Type))
        {
            throw new SqlException(
                Npgsql.PostgresErrorCodes.InvalidTableDefinition,
                "Map keys, including types that contain maps, are not supported as they may lead to unexpected behavior due to " +
                "inconsistent serialization. "
                + $"Key column name: `{key.Name}`. Column type: {BindingErrors.Name(key.Type)}.");
        }
    }

    private static bool HasMap(Data.Types.SqlType type) =>
        type.Kind == Data.Types.SqlTypeKind.Map || (type.Element is { } element && HasMap(element))
            || type.Fields.Any(static field => HasMap(field.Type));

    private static string Property(PlanningContext context, string name, string otherwise) =>
        context.Properties.GetValueOrDefault(name, otherwise);

    private static FormatSpec Check(FormatSpec format, string? delimiter, List<SourceColumn> columns, bool isKey)
    {
        if (columns.Count == 0)
            return format;
        try
        {
            FormatFactory.Validate(
                format.Name, [.. columns.Select(static c => new FormatField(c.Name, c.Type))],
                format.ToOptions(isKey) with { Delimiter = delimiter ?? format.Delimiter?.ToString() });
            return format;
        }
        catch (SqlException error) when (error.SqlState == Npgsql.PostgresErrorCodes.FeatureNotSupported)
        {
            // The words that ksqlDB's users search for: which key or value it is, where several statements make one.
            var features = columns.Count == 1 && (format.Name == DefaultValue || SchemaFormats.Find(format.Name) is { CanUnwrap: true })
                ? "UNWRAP_SINGLES" : "";
            throw new SqlException(
                Npgsql.PostgresErrorCodes.InvalidTableDefinition,
                $"{(isKey ? "Key" : "Value")} format does not support schema.\nformat: {format.Name}\nschema: Persistence{{columns=[" +
                    $"{Describe(columns)}], features=[{features}]}}\nreason: " +
                    $"{error.Message.Replace("VARCHAR", "STRING", StringComparison.Ordinal)}",
                isKey ? "WITH (KEY_FORMAT = 'JSON') holds keys of all types but MAP." : error.Hint, inner: error);
        }
    }

    private static string Describe(IEnumerable<SourceColumn> columns) =>
        string.Join(", ",
            columns.Select(static column => $"`{column.Name}` {BindingErrors.Name(column.Type)}{(column.IsKey ? " KEY" : "")}"));

    private static char? Delimiter(string? text) => text?.ToUpperInvariant() switch
    {
        null => null,
        "SPACE" => ' ',
        "TAB" => '\t',
        // A wrong one is refused by the format.
        _ => text.Length == 0 ? null : text[0],
    };
}

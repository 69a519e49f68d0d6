using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Sql.Binding;

/// <summary>Key and value formats of a stream or table: from WITH, from the source that it is made from, or the defaults.</summary>
internal static class SourceFormats
{
    private const string DefaultKey = "KAFKA";
    private const string DefaultValue = "JSON";

    /// <summary>The key's format; a stream without a key has none.</summary>
    public static FormatSpec Key(WithOptions options, FormatSpec? inherited, IReadOnlyList<SourceColumn> columns, PlanningContext context)
    {
        var keys = columns.Where(static c => c.IsKey).ToList();
        var written = options.Text("KEY_FORMAT") ?? options.Text("FORMAT");
        if (written is not null)
            written = FormatFactory.Canonical(written);
        if (keys.Count == 0)
            return new FormatSpec("NONE");
        foreach (var key in keys)
            RequireComparable(key);
        var delimiter = options.Text("KEY_DELIMITER");
        if (written is not null)
            return Check(new FormatSpec(written, null, Delimiter(delimiter)), delimiter, keys, isKey: true);
        var format = inherited is { Name: not "NONE" } ? inherited : new FormatSpec(Property(context, "ksql.persistence.default.format.key", DefaultKey));
        if (delimiter is not null)
            format = format with { Delimiter = Delimiter(delimiter) };
        // KAFKA holds one primitive: a result's key that does not fit is JSON. What is already in a topic stays what it is.
        return inherited is not null && !Fits(format, keys) ? new FormatSpec(DefaultValue) : Check(format, delimiter, keys, isKey: true);
    }

    /// <summary>The value's format.</summary>
    public static FormatSpec Value(WithOptions options, FormatSpec? inherited, IReadOnlyList<SourceColumn> columns, PlanningContext context)
    {
        var values = columns.Where(static c => !c.IsKey).ToList();
        var written = options.Text("VALUE_FORMAT") ?? options.Text("FORMAT");
        var delimiter = options.Text("VALUE_DELIMITER");
        var name = FormatFactory.Canonical(written ?? inherited?.Name ?? Property(context, "ksql.persistence.default.format.value", DefaultValue));
        var isInherited = inherited is not null && inherited.Name == name;
        var format = new FormatSpec(
            name, options.Flag("WRAP_SINGLE_VALUE") ?? WrapByDefault(name, values.Count, context),
            delimiter is null && isInherited ? inherited!.Delimiter : Delimiter(delimiter));
        return Check(format, delimiter, values, isKey: false);
    }

    // A result does not take its wrapping from what it is made of: only the statement and this property say it.
    private static bool? WrapByDefault(string format, int columns, PlanningContext context) =>
        format == DefaultValue && columns == 1 && bool.TryParse(Property(context, "ksql.persistence.wrap.single.values", ""), out var wraps) ? wraps : null;

    private static void RequireComparable(SourceColumn key)
    {
        if (HasMap(key.Type))
        {
            throw new SqlException(
                Npgsql.PostgresErrorCodes.FeatureNotSupported,
                "Map keys, including types that contain maps, are not supported as they may lead to unexpected behavior due to inconsistent serialization. "
                + $"Key column name: `{key.Name}`. Column type: {BindingErrors.Name(key.Type)}.");
        }
    }

    private static bool HasMap(Data.Types.SqlType type) =>
        type.Kind == Data.Types.SqlTypeKind.Map || (type.Element is { } element && HasMap(element)) || type.Fields.Any(static field => HasMap(field.Type));

    private static string Property(PlanningContext context, string name, string otherwise) => context.Properties.GetValueOrDefault(name, otherwise);

    private static bool Fits(FormatSpec format, List<SourceColumn> keys) => FormatFactory.Canonical(format.Name) switch
    {
        "KAFKA" => keys.Count == 1 && keys[0].Type.Kind is Data.Types.SqlTypeKind.Integer or Data.Types.SqlTypeKind.BigInt or Data.Types.SqlTypeKind.Double
            or Data.Types.SqlTypeKind.Varchar or Data.Types.SqlTypeKind.Bytes,
        "NONE" => false,
        _ => true,
    };

    private static FormatSpec Check(FormatSpec format, string? delimiter, List<SourceColumn> columns, bool isKey)
    {
        if (columns.Count > 0)
        {
            FormatFactory.Validate(
                format.Name, [.. columns.Select(static c => new FormatField(c.Name, c.Type))],
                new FormatOptions { Delimiter = delimiter ?? format.Delimiter?.ToString(), WrapSingle = format.WrapSingle, IsKey = isKey });
        }

        return format;
    }

    private static char? Delimiter(string? text) => text?.ToUpperInvariant() switch
    {
        null => null,
        "SPACE" => ' ',
        "TAB" => '\t',
        // A wrong one is refused by the format.
        _ => text.Length == 0 ? null : text[0],
    };
}

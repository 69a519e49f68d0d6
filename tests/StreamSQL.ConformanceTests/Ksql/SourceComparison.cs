using System.Text.RegularExpressions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>Compares a stream or table of the catalog with what ksqlDB made of the same statement.</summary>
internal static partial class SourceComparison
{
    /// <summary>How they differ; null when they do not.</summary>
    public static string? Compare(ExpectedSource expected, SourceDefinition source)
    {
        if (!string.Equals(source.Kind.ToString(), expected.Type, StringComparison.OrdinalIgnoreCase))
            return $"{expected.Name} is a {source.Kind}, expected a {expected.Type}";
        var schema = string.Join(", ",
            source.WrittenColumns.Select(static column =>
                $"`{column.Name}` {Name(column.Type)}{(column.IsKey ? " KEY" : "")}{Header(column)}"));
        if (expected.Schema is { } wanted && Normalize(wanted) != Normalize(schema))
            return $"{expected.Name} has the schema {schema}, expected {wanted}";
        if (expected.KeyFormat is { } keyFormat && !keyFormat.Equals(source.KeyFormat.Name, StringComparison.OrdinalIgnoreCase))
            return $"{expected.Name} has the key format {source.KeyFormat.Name}, expected {keyFormat}";
        if (expected.ValueFormat is { } valueFormat && !valueFormat.Equals(source.ValueFormat.Name, StringComparison.OrdinalIgnoreCase))
            return $"{expected.Name} has the value format {source.ValueFormat.Name}, expected {valueFormat}";
        var window = source.Window?.Kind switch { null => null, WindowKind.Session => "SESSION", WindowKind.Tumbling => "TUMBLING",
            _ => "HOPPING" };
        return expected.WindowType is { } windowType && windowType != window
            ? $"{expected.Name} has {window ?? "no"} windows, expected {windowType}"
            : null;
    }

    private static string Header(SourceColumn column) =>
        column.Header switch { null => "", { Key: null } => " HEADERS", { Key: var key } => $" HEADER('{key}')" };

    /// <summary>
    /// A schema as plans write it, from one that a person wrote: names in upper case unless quoted, one name for each type.
    /// </summary>
    private static string Normalize(string schema) => Token().Replace(schema, static token => token.Value switch
    {
        ['`', .. var quoted, '`'] => quoted + " ",
        "PRIMARY" => "",
        var space when string.IsNullOrWhiteSpace(space) => "",
        "INT" => "INTEGER ",
        "VARCHAR" => "STRING ",
        var bare => bare.ToUpperInvariant() + " ",
    });

    [GeneratedRegex(@"`[^`]*`|\w+|\s+|.")]
    private static partial Regex Token();

    /// <summary>A type as ksqlDB writes it.</summary>
    public static string Name(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Varchar => "STRING",
        SqlTypeKind.Array => $"ARRAY<{Name(type.Element!)}>",
        SqlTypeKind.Map => $"MAP<{Name(type.Key!)}, {Name(type.Element!)}>",
        SqlTypeKind.Struct => $"STRUCT<{string.Join(", ", type.Fields.Select(static field => $"`{field.Name}` {Name(field.Type)}"))}>",
        _ => type.ToString(),
    };
}

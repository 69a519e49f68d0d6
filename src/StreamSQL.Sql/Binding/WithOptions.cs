using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>The WITH clause of CREATE STREAM and CREATE TABLE, checked.</summary>
internal sealed class WithOptions
{
    private static readonly string[] Known =
    [
        "KAFKA_TOPIC", "PARTITIONS", "REPLICAS", "RETENTION_MS", "CLEANUP_POLICY", "FORMAT", "KEY_FORMAT", "VALUE_FORMAT", "KEY_DELIMITER",
        "VALUE_DELIMITER",
        "WRAP_SINGLE_VALUE", "TIMESTAMP", "TIMESTAMP_FORMAT", "WINDOW_TYPE", "WINDOW_SIZE", "QUERY_ID", "KEY_SCHEMA_ID", "VALUE_SCHEMA_ID",
        "KEY_SCHEMA_FULL_NAME", "VALUE_SCHEMA_FULL_NAME", "VALUE_AVRO_SCHEMA_FULL_NAME", "KEY_PROTOBUF_NULLABLE_REPRESENTATION",
        "VALUE_PROTOBUF_NULLABLE_REPRESENTATION", "SOURCED_BY_CONNECTOR",
    ];

    private readonly Dictionary<string, PropertySyntax> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="SqlException">42601: an unknown option or one given twice; 0A000: one that is not supported.</exception>
    public WithOptions(IReadOnlyList<PropertySyntax> properties)
    {
        foreach (var property in properties)
        {
            var name = property.Name.ToUpperInvariant();
            if (!Known.Contains(name))
                throw BindingErrors.Syntax($"Invalid config variable(s) in the WITH clause: {name}", property.Position,
                    BindingErrors.DidYouMean(name, Known));
            if (!_values.TryAdd(name, property))
                throw BindingErrors.Syntax($"Duplicate config variable in the WITH clause: {name}", property.Position);
        }

        if (Position("FORMAT") is { } both && (Has("KEY_FORMAT") || Has("VALUE_FORMAT")))
            throw BindingErrors.Syntax("Cannot supply both 'FORMAT' and 'KEY_FORMAT' or 'VALUE_FORMAT': 'FORMAT' sets both.", both);
    }

    /// <summary>Whether an option is given.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Where an option stands; null when it is not given.</summary>
    public TextPosition? Position(string name) => _values.TryGetValue(name, out var property) ? property.Position : null;

    /// <summary>An option's text.</summary>
    public string? Text(string name) => _values.TryGetValue(name, out var property)
        ? property.Value switch
        {
            StringLiteral text => text.Value,
            NumberLiteral number => number.Text,
            BooleanLiteral flag => flag.Value ? "true" : "false",
            ColumnReference word => word.Name.Last.Name,
            _ => throw Invalid(name, "a value"),
        }
        : null;

    /// <summary>An option's whole number, within bounds.</summary>
    public long? Number(string name, long least, long most) => Text(name) is not { } text ? null
        : long.TryParse(text, out var value) && value >= least && value <= most ? value
        : throw Invalid(name, $"a whole number from {least} to {most}");

    /// <summary>An option that is true or false.</summary>
    public bool? Flag(string name) => Text(name) is not { } text ? null : bool.TryParse(text, out var value)
        ? value : throw Invalid(name, "true or false");

    /// <summary>KEY_SCHEMA_ID or VALUE_SCHEMA_ID.</summary>
    public int? SchemaId(bool isKey) => (int?)Number(isKey ? "KEY_SCHEMA_ID" : "VALUE_SCHEMA_ID", 0, int.MaxValue);

    /// <summary>KEY_SCHEMA_FULL_NAME or VALUE_SCHEMA_FULL_NAME, and the latter's older name.</summary>
    public string? SchemaFullName(bool isKey)
    {
        const string older = "VALUE_AVRO_SCHEMA_FULL_NAME";
        if (!isKey && Has(older) && Has("VALUE_SCHEMA_FULL_NAME"))
            throw BindingErrors.Syntax($"Cannot supply both 'VALUE_SCHEMA_FULL_NAME' and '{older}': they mean the same.",
                Position(older)!.Value);
        return isKey ? Text("KEY_SCHEMA_FULL_NAME") : Text("VALUE_SCHEMA_FULL_NAME") ?? Text(older);
    }

    /// <summary>KEY_ or VALUE_PROTOBUF_NULLABLE_REPRESENTATION.</summary>
    public NullableRepresentation NullableRepresentation(bool isKey)
    {
        var name = isKey ? "KEY_PROTOBUF_NULLABLE_REPRESENTATION" : "VALUE_PROTOBUF_NULLABLE_REPRESENTATION";
        return Text(name)?.ToUpperInvariant() switch
        {
            null => Data.Formats.NullableRepresentation.None,
            "OPTIONAL" => Data.Formats.NullableRepresentation.Optional,
            "WRAPPER" => Data.Formats.NullableRepresentation.Wrapper,
            _ => throw Invalid(name, "OPTIONAL or WRAPPER"),
        };
    }

    /// <summary>WINDOW_TYPE and WINDOW_SIZE.</summary>
    public WindowSpec? Window()
    {
        if (Text("WINDOW_TYPE") is not { } type)
            return Has("WINDOW_SIZE") ? throw Invalid("WINDOW_SIZE", "given together with WINDOW_TYPE") : null;
        var kind = type.ToUpperInvariant() switch
        {
            "TUMBLING" => WindowKind.Tumbling,
            "HOPPING" => WindowKind.Hopping,
            "SESSION" => WindowKind.Session,
            _ => throw Invalid("WINDOW_TYPE", "TUMBLING, HOPPING or SESSION"),
        };
        if (kind == WindowKind.Session)
            return Has("WINDOW_SIZE") ? throw BindingErrors.Invalid("'WINDOW_SIZE' should not be set for SESSION windows.",
                Position("WINDOW_SIZE")!.Value) : new WindowSpec(kind, 0, 0, null, null);
        var size = Text("WINDOW_SIZE") ?? throw Invalid("WINDOW_TYPE", "given together with WINDOW_SIZE");
        var parts = size.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2 || !long.TryParse(parts[0], out var count) || count <= 0
            || DurationUnits.Milliseconds(parts[1].ToUpperInvariant()) is not { } factor
            || count > long.MaxValue / factor)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue,
                $"Configuration WINDOW_SIZE is invalid: Invalid duration: '{size}'." +
                    $"{(parts.Length == 2 ? $" Unknown time unit: '{parts[1].ToUpperInvariant()}'" : "")}",
                parts.Length == 2 ? DurationUnits.Hint(parts[1].ToUpperInvariant()) : "Write a number and a unit: '1 DAY'.",
                Position("WINDOW_SIZE"));
        }

        return new WindowSpec(kind, count * factor, count * factor, null, null);
    }

    private SqlException Invalid(string name, string wanted) =>
        new(PostgresErrorCodes.InvalidParameterValue, $"WITH option {name} must be {wanted}", position: Position(name));
}

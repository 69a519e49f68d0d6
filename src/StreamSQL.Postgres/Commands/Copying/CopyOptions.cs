using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>The formats of COPY.</summary>
internal enum CopyFormatKind
{
    Text,
    Csv,
    Binary,
}

/// <summary>The options of COPY.</summary>
internal sealed record CopyOptions
{
    /// <summary>FORMAT.</summary>
    public CopyFormatKind Format { get; init; }

    /// <summary>What stands between values: one ASCII character.</summary>
    public byte Delimiter { get; init; } = (byte)'\t';

    /// <summary>What stands for null.</summary>
    public string Null { get; init; } = "\\N";

    /// <summary>Whether a line with the column names comes first.</summary>
    public bool Header { get; init; }

    /// <summary>CSV's quote.</summary>
    public byte Quote { get; init; } = (byte)'"';

    /// <summary>What stands before a quote inside quotes.</summary>
    public byte Escape { get; init; } = (byte)'"';

    /// <summary>Reads the options of a statement.</summary>
    /// <exception cref="SqlException">An option that is unknown, or a value that does not fit.</exception>
    public static CopyOptions From(IReadOnlyList<PropertySyntax> properties)
    {
        var format = CopyFormatKind.Text;
        foreach (var property in properties)
        {
            if (Is(property, "FORMAT"))
                format = ReadFormat(property);
        }

        var options = format == CopyFormatKind.Csv
            ? new CopyOptions { Format = format, Delimiter = (byte)',', Null = "" }
            : new CopyOptions { Format = format };
        var hasEscape = false;
        foreach (var property in properties)
        {
            options = property.Name.ToUpperInvariant() switch
            {
                "FORMAT" => options,
                "DELIMITER" => options with { Delimiter = ReadCharacter(property) },
                "NULL" => options with { Null = ReadText(property) },
                "HEADER" => options with { Header = ReadBoolean(property) },
                "QUOTE" => options with { Quote = ReadCharacter(property) },
                "ESCAPE" => options with { Escape = ReadCharacter(property) },
                "ENCODING" when ReadText(property).Replace("-", "", StringComparison.Ordinal)
                    .Equals("utf8", StringComparison.OrdinalIgnoreCase) => options,
                "ENCODING" => throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "COPY knows UTF8 only",
                    position: property.Position),
                _ => throw new SqlException(PostgresErrorCodes.SyntaxError, $"option \"{property.Name.ToLowerInvariant()}\" not recognized",
                    position: property.Position),
            };
            hasEscape |= Is(property, "ESCAPE");
        }

        return hasEscape ? options : options with { Escape = options.Quote };
    }

    private static bool Is(PropertySyntax property, string name) => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static CopyFormatKind ReadFormat(PropertySyntax property) => ReadText(property).ToUpperInvariant() switch
    {
        "TEXT" => CopyFormatKind.Text,
        "CSV" => CopyFormatKind.Csv,
        "BINARY" => CopyFormatKind.Binary,
        var other => throw new SqlException(
            PostgresErrorCodes.InvalidParameterValue, $"COPY format \"{other.ToLowerInvariant()}\" not recognized",
            "Formats: text, csv, binary.", property.Position),
    };

    private static string ReadText(PropertySyntax property) => property.Value switch
    {
        StringLiteral literal => literal.Value,
        ColumnReference { Name: var name } => name.Last.Text,
        _ => throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"{property.Name.ToLowerInvariant()} requires a text value",
            position: property.Position),
    };

    private static byte ReadCharacter(PropertySyntax property) => ReadText(property) is [var character] && char.IsAscii(character)
        && character is not ('\n' or '\r' or '\0')
        ? (byte)character
        : throw new SqlException(
            PostgresErrorCodes.InvalidParameterValue, $"COPY {property.Name.ToLowerInvariant()} must be a single one-byte character",
            position: property.Position);

    private static bool ReadBoolean(PropertySyntax property) => property.Value switch
    {
        BooleanLiteral literal => literal.Value,
        NumberLiteral { Text: "1" } => true,
        NumberLiteral { Text: "0" } => false,
        _ => ReadText(property).ToUpperInvariant() switch
        {
            "TRUE" or "ON" => true,
            "FALSE" or "OFF" => false,
            _ => throw new SqlException(PostgresErrorCodes.SyntaxError, $"{property.Name.ToLowerInvariant()} requires a Boolean value",
                position: property.Position),
        },
    };
}

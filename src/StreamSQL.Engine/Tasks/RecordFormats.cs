using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Schemas;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks;

/// <summary>The decoders and encoders of a source's keys and values.</summary>
internal static class RecordFormats
{
    /// <summary>Decodes the keys of a source, without window bounds.</summary>
    public static RecordDecoder KeyDecoder(SourceDefinition source, ISchemaRegistry? schemas) =>
        FormatFactory.CreateDecoder(KeyFormatName(source), Fields(source, isKey: true), Options(source.KeyFormat, isKey: true, schemas));

    /// <summary>Decodes the values of a source.</summary>
    public static RecordDecoder ValueDecoder(SourceDefinition source, ISchemaRegistry? schemas) =>
        FormatFactory.CreateDecoder(source.ValueFormat.Name, Fields(source, isKey: false),
            Options(source.ValueFormat, isKey: false, schemas));

    /// <summary>Encodes the keys of a source, without window bounds.</summary>
    public static RecordEncoder KeyEncoder(SourceDefinition source, ISchemaRegistry? schemas) =>
        FormatFactory.CreateEncoder(KeyFormatName(source), Fields(source, isKey: true), Options(source.KeyFormat, isKey: true, schemas));

    /// <summary>Encodes the values of a source.</summary>
    public static RecordEncoder ValueEncoder(SourceDefinition source, ISchemaRegistry? schemas) =>
        FormatFactory.CreateEncoder(source.ValueFormat.Name, Fields(source, isKey: false),
            Options(source.ValueFormat, isKey: false, schemas));

    /// <summary>The index of a column by exact name.</summary>
    public static int IndexOf(SourceDefinition source, string column)
    {
        for (var i = 0; i < source.Columns.Count; i++)
        {
            if (source.Columns[i].Name == column)
                return i;
        }

        throw new InvalidOperationException($"{source.Name} has no column {column}");
    }

    /// <summary>The columns of a source's key or value.</summary>
    public static FormatField[] Fields(SourceDefinition source, bool isKey) =>
        source.Columns.Where(column => column.IsKey == isKey && column.Header is null)
            .Select(static column => new FormatField(column.StoredName ?? column.Name, column.Type)).ToArray();

    /// <summary>The options of a source's key or value format; without a registry, formats with schemas are refused.</summary>
    /// <exception cref="SqlException">55000: the server has no schema registry.</exception>
    public static FormatOptions Options(FormatSpec format, bool isKey, ISchemaRegistry? schemas) => SchemaFormats.Find(format.Name) is null
        || schemas is not null
        ? format.ToOptions(isKey) with { Registry = schemas }
        : throw new SqlException(PostgresErrorCodes.ObjectNotInPrerequisiteState,
            $"the format {format.Name} needs a schema registry, and the server has none");

    // A source without key columns has a key format for what is made from it, but no keys.
    private static string KeyFormatName(SourceDefinition source) =>
        source.Columns.Any(static column => column.IsKey) ? source.KeyFormat.Name : "NONE";
}

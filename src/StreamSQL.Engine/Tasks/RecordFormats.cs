using StreamSQL.Data.Formats;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks;

/// <summary>The decoders and encoders of a source's keys and values.</summary>
internal static class RecordFormats
{
    /// <summary>Decodes the keys of a source, without window bounds.</summary>
    public static RecordDecoder KeyDecoder(SourceDefinition source) =>
        FormatFactory.CreateDecoder(source.KeyFormat.Name, Fields(source, isKey: true), Options(source.KeyFormat, isKey: true));

    /// <summary>Decodes the values of a source.</summary>
    public static RecordDecoder ValueDecoder(SourceDefinition source) =>
        FormatFactory.CreateDecoder(source.ValueFormat.Name, Fields(source, isKey: false), Options(source.ValueFormat, isKey: false));

    /// <summary>Encodes the keys of a source, without window bounds.</summary>
    public static RecordEncoder KeyEncoder(SourceDefinition source) =>
        FormatFactory.CreateEncoder(source.KeyFormat.Name, Fields(source, isKey: true), Options(source.KeyFormat, isKey: true));

    /// <summary>Encodes the values of a source.</summary>
    public static RecordEncoder ValueEncoder(SourceDefinition source) =>
        FormatFactory.CreateEncoder(source.ValueFormat.Name, Fields(source, isKey: false), Options(source.ValueFormat, isKey: false));

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

    private static FormatField[] Fields(SourceDefinition source, bool isKey) =>
        source.Columns.Where(column => column.IsKey == isKey).Select(static column => new FormatField(column.Name, column.Type)).ToArray();

    private static FormatOptions Options(FormatSpec format, bool isKey) =>
        new() { IsKey = isKey, WrapSingle = format.WrapSingle, Delimiter = format.Delimiter?.ToString() };
}

using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Avro.Reading;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Writing;

/// <summary>
/// Makes the writers for columns under a schema: the types that <see cref="AvroResolution"/> reads, in the other direction.
/// </summary>
internal static class AvroWriters
{
    /// <summary>
    /// The writer of a record's fields. Fields that there is no column for, or no value where there must be one, get their default.
    /// </summary>
    /// <exception cref="SqlException">22023: a column that the record has no field for, or a field that
    /// must have a value and has no column.</exception>
    public static AvroFieldsWriter Fields(AvroSchema record, IReadOnlyList<StructField> columns, string path)
    {
        var sources = AvroFieldNames.Match(record.Fields, [.. columns.Select(static c => c.Name)], new AvroField?[columns.Count]);
        for (var column = 0; column < columns.Count; column++)
        {
            if (sources[column] < 0)
                throw Invalid($"The Avro schema's {record} has no field for column {Inside(path, columns[column].Name)}.");
        }

        var fields = new AvroFieldWriter[record.Fields.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            var column = Array.IndexOf(sources, i);
            fields[i] = column < 0
                ? new(null, -1, Default(record, record.Fields[i]))
                : new(For(record.Fields[i].Schema, columns[column].Type, Inside(path, columns[column].Name)), column,
                    DefaultForNull(record.Fields[i]));
        }

        return new AvroFieldsWriter(fields);
    }

    /// <summary>The writer of one type.</summary>
    /// <exception cref="SqlException">22023: the schema cannot hold values of the type.</exception>
    public static AvroWriter For(AvroSchema schema, SqlType type, string path) =>
        Find(schema, type, path) ?? throw Invalid($"The Avro schema cannot hold column {path}: {type} cannot be written as {schema}.");

    private static string Inside(string path, string name) => path.Length == 0 ? name : $"{path}->{name}";

    private static SqlException Invalid(string message) => new(PostgresErrorCodes.InvalidParameterValue, message);

    private static byte[] Default(AvroSchema record, AvroField field)
    {
        if (field.Default is { } binary)
            return binary;
        var nullBranch = NullBranch(field.Schema);
        if (nullBranch < 0)
            throw Invalid($"The Avro schema's {record} needs a value for its field {field.Name}, which has no default and no column.");
        var bytes = new byte[AvroVarint.MaxLength];
        return bytes[..AvroVarint.Write(bytes, nullBranch)];
    }

    private static byte[]? DefaultForNull(AvroField field) => field.Schema.Kind == AvroKind.Null
        || NullBranch(field.Schema) >= 0 ? null : field.Default;

    private static int NullBranch(AvroSchema schema)
    {
        for (var i = 0; i < schema.Branches.Count; i++)
        {
            if (schema.Branches[i].Kind == AvroKind.Null)
                return i;
        }

        return -1;
    }

    private static AvroWriter? Find(AvroSchema schema, SqlType type, string path) => schema.Kind switch
    {
        AvroKind.Union => Union(schema, type, path),
        AvroKind.Record when type.Kind == SqlTypeKind.Struct => new AvroRecordWriter(Fields(schema, type.Fields, path), path),
        AvroKind.Array when type.Kind == SqlTypeKind.Array => new AvroArrayWriter(For(schema.Element!, type.Element!, path), path),
        AvroKind.Array when type.Kind == SqlTypeKind.Map && schema.IsEntryArray => Entries(schema.Element!, type, path),
        AvroKind.Map when type is { Kind: SqlTypeKind.Map, Key.Kind: SqlTypeKind.Varchar } =>
            new AvroMapWriter(new AvroBytesWriter(path), For(schema.Element!, type.Element!, path), valueFirst: false, path),
        _ => Scalar(schema, type, path),
    };

    private static AvroMapWriter? Entries(AvroSchema record, SqlType type, string path)
    {
        var valueFirst = record.Fields[0].Name == "value";
        var key = record.Fields[valueFirst ? 1 : 0];
        var value = record.Fields[valueFirst ? 0 : 1];
        return key.Name == "key" && value.Name == "value"
            ? new AvroMapWriter(For(key.Schema, type.Key!, path), For(value.Schema, type.Element!, path), valueFirst, path)
            : null;
    }

    private static AvroWriter? Union(AvroSchema schema, SqlType type, string path)
    {
        if (type.Kind == SqlTypeKind.Struct && ReferenceEquals(AvroColumns.NonNull(schema), schema)
            && Branches(schema, type, path) is { } branches)
            return branches;
        for (var branch = 0; branch < schema.Branches.Count; branch++)
        {
            if (schema.Branches[branch].Kind != AvroKind.Null && Find(schema.Branches[branch], type, path) is { } writer)
                return new AvroUnionWriter(writer, branch, NullBranch(schema), path);
        }

        return null;
    }

    /// <summary>The writer of a STRUCT with a field for each branch; null when none of its fields is one.</summary>
    private static AvroBranchesWriter? Branches(AvroSchema schema, SqlType type, string path)
    {
        var names = type.Fields.Select(static f => f.Name).ToArray();
        var branches = new (AvroWriter?, int)[schema.Branches.Count];
        var found = false;
        for (var i = 0; i < branches.Length; i++)
        {
            var field = schema.Branches[i].Kind == AvroKind.Null
                ? -1 : AvroFieldNames.IndexOf(names, AvroColumns.BranchName(schema.Branches[i]));
            if (field < 0)
                continue;
            found = true;
            branches[i] = (For(schema.Branches[i], type.Fields[field].Type, Inside(path, names[field])), field);
        }

        return found ? new AvroBranchesWriter(branches, NullBranch(schema), path) : null;
    }

    private static AvroWriter? Scalar(AvroSchema schema, SqlType type, string path) => type.Kind switch
    {
        SqlTypeKind.Boolean when schema.Kind == AvroKind.Boolean => Value<AvroBooleanValue, FixedColumn<byte>>(default, schema, path),
        SqlTypeKind.Integer or SqlTypeKind.Date or SqlTypeKind.Time => Int32(schema, type, path),
        SqlTypeKind.BigInt or SqlTypeKind.Timestamp => Int64(schema, type, path),
        SqlTypeKind.Double when schema.Kind is AvroKind.Float or AvroKind.Double =>
            Value<AvroDoubleValue, FixedColumn<double>>(new(schema.Kind == AvroKind.Float), schema, path),
        SqlTypeKind.Decimal when schema.Logical == AvroLogicalType.Decimal =>
            new AvroDecimalWriter(schema.Kind == AvroKind.Fixed ? schema.Size : -1, schema.Scale, AvroColumns.PrecisionOf(schema), path),
        SqlTypeKind.Varchar when schema.Kind == AvroKind.Enum =>
            new AvroEnumWriter([.. schema.Symbols.Select(Encoding.UTF8.GetBytes)], path),
        SqlTypeKind.Varchar or SqlTypeKind.Bytes when schema is { Kind: AvroKind.String }
            or { Kind: AvroKind.Bytes, Logical: AvroLogicalType.None } =>
            // Bytes need not be text.
            type.Kind == SqlTypeKind.Bytes && schema.Kind == AvroKind.String ? null : new AvroBytesWriter(path),
        SqlTypeKind.Bytes when schema is { Kind: AvroKind.Fixed, Logical: not AvroLogicalType.Decimal } =>
            new AvroFixedWriter(schema.Size, path),
        _ => null,
    };

    private static AvroWriter? Int32(AvroSchema schema, SqlType type, string path) => schema.Kind switch
    {
        AvroKind.Int or AvroKind.Long when Fits(schema.Logical, type.Kind) =>
            Value<AvroInt32Value, FixedColumn<int>>(new(schema.Logical == AvroLogicalType.TimeMicros ? 1000 : 1), schema, path),
        AvroKind.Float or AvroKind.Double when type.Kind == SqlTypeKind.Integer =>
            Value<AvroDoubleValue, FixedColumn<int>>(new(schema.Kind == AvroKind.Float), schema, path),
        _ => null,
    };

    private static AvroWriter? Int64(AvroSchema schema, SqlType type, string path) => schema.Kind switch
    {
        AvroKind.Long when type.Kind == SqlTypeKind.Timestamp
            && schema.Logical is AvroLogicalType.TimestampMicros or AvroLogicalType.LocalTimestampMicros =>
            Value<AvroMicrosValue, FixedColumn<long>>(default, schema, path),
        AvroKind.Int or AvroKind.Long when Fits(schema.Logical, type.Kind) =>
            Value<AvroInt64Value, FixedColumn<long>>(new(schema.Kind == AvroKind.Int), schema, path),
        AvroKind.Float or AvroKind.Double when type.Kind == SqlTypeKind.BigInt =>
            Value<AvroDoubleValue, FixedColumn<long>>(new(schema.Kind == AvroKind.Float), schema, path),
        _ => null,
    };

    /// <summary>
    /// Whether numbers of a SQL type mean under a logical type what they mean in SQL; plain numbers are written as they are.
    /// </summary>
    private static bool Fits(AvroLogicalType logical, SqlTypeKind kind) => kind switch
    {
        SqlTypeKind.Date => logical is AvroLogicalType.None or AvroLogicalType.Date,
        SqlTypeKind.Time => logical is AvroLogicalType.None or AvroLogicalType.TimeMillis or AvroLogicalType.TimeMicros,
        SqlTypeKind.Timestamp => logical is AvroLogicalType.None or AvroLogicalType.TimestampMillis or AvroLogicalType.LocalTimestampMillis,
        _ => true,
    };

    private static AvroValueWriter<TValue, TColumn> Value<TValue, TColumn>(TValue value, AvroSchema schema, string path)
        where TValue : struct, IAvroValue<TColumn>
        where TColumn : Column => new(value, path, schema.ToString());
}

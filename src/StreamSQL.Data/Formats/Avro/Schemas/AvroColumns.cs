using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// The SQL columns of an Avro schema, as ksqlDB infers them: names in upper case, <c>[null, T]</c> as T, other unions as a STRUCT of their branches,
/// enums as VARCHAR, fixed as BYTES, times in microseconds as BIGINT. Fields that have no SQL type (null, recursive records) are left out.
/// </summary>
public static class AvroColumns
{
    /// <summary>Types in one schema: names may be used often, so a short schema can stand for a giant one.</summary>
    private const int MaxTypes = 50_000;

    /// <summary>The columns of a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="wrapped">Whether it is a record whose fields are the columns; otherwise it is the type of the only column.</param>
    /// <param name="onlyName">The name of that only column.</param>
    /// <param name="keepCase">Whether names stay as they are, as where a statement names the schema by its id.</param>
    /// <exception cref="SqlException">22023: no column of a SQL type is left.</exception>
    public static IReadOnlyList<FormatField> Infer(AvroSchema schema, bool wrapped, string onlyName, bool keepCase)
    {
        var walk = new Walk(keepCase);
        var root = NonNull(schema);
        if (!wrapped)
            return walk.TypeOf(root) is { } type ? [new FormatField(onlyName, type)] : throw NoColumns();
        if (root.Kind != AvroKind.Record)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue, "Schema returned from schema registry is anonymous type.",
                "To use this schema, set 'WRAP_SINGLE_VALUE=false' in the WITH clause.");
        }

        var fields = walk.TypeOf(root)?.Fields ?? throw NoColumns();
        return [.. fields.Select(static f => new FormatField(f.Name, f.Type))];
    }

    /// <summary>The type of one value; null where SQL has none.</summary>
    public static SqlType? TypeOf(AvroSchema schema, bool keepCase) => new Walk(keepCase).TypeOf(schema);

    /// <summary>The digits that a decimal's SQL type has: Kafka Connect takes 64 where none are given, SQL has at most 38.</summary>
    internal static int PrecisionOf(AvroSchema schema) =>
        schema.Precision is 0 or > SqlType.MaxPrecision ? SqlType.MaxPrecision : schema.Precision;

    /// <summary>The branch of a union that is not null, where there is just one; otherwise the schema itself.</summary>
    internal static AvroSchema NonNull(AvroSchema schema)
    {
        if (schema.Kind != AvroKind.Union)
            return schema;
        AvroSchema? only = null;
        foreach (var branch in schema.Branches)
        {
            if (branch.Kind == AvroKind.Null)
                continue;
            if (only is not null)
                return schema;
            only = branch;
        }

        return only ?? schema;
    }

    /// <summary>The name that a branch has in the STRUCT that stands for a union.</summary>
    internal static string BranchName(AvroSchema branch) => branch.IsNamed ? branch.SimpleName : AvroSchema.NameOf(branch.Kind);

    private static SqlException NoColumns() =>
        new(PostgresErrorCodes.InvalidParameterValue, "Schema does not include any columns with types that ksqlDB supports.");

    private sealed class Walk(bool keepCase)
    {
        private readonly HashSet<AvroSchema> _open = [];
        private int _types;

        public SqlType? TypeOf(AvroSchema schema)
        {
            if (++_types > MaxTypes)
                throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"The Avro schema stands for more than {MaxTypes} columns and fields.");
            return schema.Kind switch
            {
                AvroKind.Null => null,
                AvroKind.Boolean => SqlType.Boolean,
                AvroKind.Int => Int(schema.Logical),
                AvroKind.Long => schema.Logical == AvroLogicalType.TimestampMillis ? SqlType.Timestamp : SqlType.BigInt,
                AvroKind.Float or AvroKind.Double => SqlType.Double,
                AvroKind.Bytes or AvroKind.Fixed => Bytes(schema),
                AvroKind.String or AvroKind.Enum => SqlType.Varchar,
                AvroKind.Array when schema.IsEntryArray => Map(schema.Element!.Fields[1].Schema, schema.Element.Fields[0].Schema),
                AvroKind.Array => TypeOf(schema.Element!) is { } element ? SqlType.ArrayOf(element) : null,
                AvroKind.Map => Map(schema.Element!, null),
                AvroKind.Record => Struct(schema, schema.Fields.Select(static f => (f.Name, f.Schema))),
                _ => Union(schema),
            };
        }

        private static SqlType Int(AvroLogicalType logical) => logical switch
        {
            AvroLogicalType.Date => SqlType.Date,
            AvroLogicalType.TimeMillis => SqlType.Time,
            _ => SqlType.Integer,
        };

        private static SqlType? Bytes(AvroSchema schema)
        {
            if (schema.Logical != AvroLogicalType.Decimal)
                return SqlType.Bytes;
            return schema.Scale <= PrecisionOf(schema) ? SqlType.Decimal(PrecisionOf(schema), schema.Scale) : null;
        }

        /// <summary>Keys of entries that are simple values become text, as ksqlDB makes them.</summary>
        private SqlType? Map(AvroSchema value, AvroSchema? key)
        {
            if (key is not null && NonNull(key).Kind is not (AvroKind.String or AvroKind.Int or AvroKind.Long or AvroKind.Boolean))
                return null;
            return TypeOf(value) is { } type ? SqlType.MapOf(SqlType.Varchar, type) : null;
        }

        private SqlType? Union(AvroSchema schema)
        {
            var only = NonNull(schema);
            return ReferenceEquals(only, schema)
                ? Struct(schema, schema.Branches.Where(static b => b.Kind != AvroKind.Null).Select(static b => (BranchName(b), b)))
                : TypeOf(only);
        }

        private SqlType? Struct(AvroSchema schema, IEnumerable<(string Name, AvroSchema Schema)> members)
        {
            // A record inside itself has no end as a SQL type.
            if (!_open.Add(schema))
                return null;
            var fields = new List<StructField>();
            foreach (var (name, inner) in members)
            {
                if (TypeOf(inner) is { } type)
                    fields.Add(new StructField(keepCase ? name : name.ToUpperInvariant(), type));
            }

            _open.Remove(schema);
            return fields.Count == 0 ? null : SqlType.StructOf(fields);
        }
    }
}

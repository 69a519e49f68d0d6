using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// The SQL types of an Avro schema, as ksqlDB infers them: <c>[null, T]</c> as T, other unions as a STRUCT of their branches, enums as
/// VARCHAR, fixed as BYTES, times in microseconds as BIGINT. Fields that have no SQL type (null, recursive records) are left out.
/// </summary>
public static class AvroColumns
{
    /// <summary>Types in one schema: names may be used often, so a short schema can stand for a giant one.</summary>
    private const int MaxTypes = 50_000;

    /// <summary>The root that a schema stands for: the STRUCT of its fields, or the type of its values.</summary>
    /// <exception cref="SqlException">22023: nothing in it has a SQL type; 54000: it stands for too many types.</exception>
    public static SqlType RootOf(AvroSchema schema) => new Walk().TypeOf(NonNull(schema))
        ?? throw new SqlException(PostgresErrorCodes.InvalidParameterValue,
            "Schema does not include any columns with types that ksqlDB supports.");

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

    private sealed class Walk
    {
        private readonly HashSet<AvroSchema> _open = [];
        private int _types;

        public SqlType? TypeOf(AvroSchema schema)
        {
            if (++_types > MaxTypes)
                throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded,
                    $"The Avro schema stands for more than {MaxTypes} columns and fields.");
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
                    fields.Add(new StructField(name, type));
            }

            _open.Remove(schema);
            return fields.Count == 0 ? null : SqlType.StructOf(fields);
        }
    }
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Catalog.Relations;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>What an index can do, the types of a vector, and a name taken apart: what tools ask when they show tables.</summary>
internal static class PropertyFunctions
{
    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        new("PG_INDEXAM_HAS_PROPERTY", SqlType.Boolean, [SqlType.Oid, SqlType.Varchar], static (_, a) =>
            (long)a[0]! == SourceRelations.BTree ? OfMethod((string)a[1]!) : null),
        new("PG_INDEX_HAS_PROPERTY", SqlType.Boolean, [SqlType.Oid, SqlType.Varchar], static (objects, a) =>
            objects.Sources.Any(source => source.HasKey && source.IndexOid == (long)a[0]!) ? OfIndex((string)a[1]!) : null),
        new("PG_INDEX_COLUMN_HAS_PROPERTY", SqlType.Boolean, [SqlType.Oid, SqlType.Integer, SqlType.Varchar], static (objects, a) =>
            objects.Sources.Any(source => source.HasKey && source.IndexOid == (long)a[0]! && (int)a[1]! >= 1
                && (int)a[1]! <= source.KeyNumbers.Length)
                ? OfColumn((string)a[2]!) : null),
        new("OIDVECTORTYPES", SqlType.Varchar, [SqlType.OidVector], static (_, a) =>
            string.Join(", ", ((object?[])a[0]!).Select(static oid => PgTypes.Format((uint)(long)oid!, -1)))),
        new("PARSE_IDENT", SqlType.ArrayOf(SqlType.Varchar), [SqlType.Varchar], static (_, a) => Parts((string)a[0]!)),
        new("PARSE_IDENT", SqlType.ArrayOf(SqlType.Varchar), [SqlType.Varchar, SqlType.Boolean], static (_, a) => Parts((string)a[0]!)),
    ];

    private static object? OfMethod(string property) => property.ToLowerInvariant() switch
    {
        "can_order" or "can_unique" or "can_multi_col" or "can_exclude" or "can_include" => true,
        _ => null,
    };

    private static object? OfIndex(string property) => property.ToLowerInvariant() switch
    {
        "clusterable" or "index_scan" or "bitmap_scan" or "backward_scan" => true,
        _ => null,
    };

    private static object? OfColumn(string property) => property.ToLowerInvariant() switch
    {
        "asc" or "nulls_last" or "orderable" or "returnable" or "search_array" or "search_nulls" => true,
        "desc" or "nulls_first" or "distance_orderable" => false,
        _ => null,
    };

    /// <summary>The parts of a name with dots between: those without quotes in lower case.</summary>
    /// <exception cref="SqlException">22023: it is no name.</exception>
    private static object?[] Parts(string text)
    {
        var parts = new List<object?>();
        var rest = text.AsSpan().Trim();
        while (true)
        {
            parts.Add(Part(ref rest, text));
            rest = rest.TrimStart();
            if (rest.IsEmpty)
                return [.. parts];
            if (rest[0] != '.')
                throw Invalid(text);
            rest = rest[1..].TrimStart();
        }
    }

    private static string Part(ref ReadOnlySpan<char> rest, string whole)
    {
        if (rest.StartsWith("\""))
        {
            var part = new System.Text.StringBuilder();
            for (var i = 1; i < rest.Length; i++)
            {
                if (rest[i] != '"')
                {
                    part.Append(rest[i]);
                }
                else if (i + 1 < rest.Length && rest[i + 1] == '"')
                {
                    part.Append(rest[i++]);
                }
                else
                {
                    rest = rest[(i + 1)..];
                    return part.Length > 0 ? part.ToString() : throw Invalid(whole);
                }
            }

            throw Invalid(whole);
        }

        var length = 0;
        while (length < rest.Length && (char.IsLetter(rest[length]) || rest[length] == '_'
            || (length > 0 && (char.IsAsciiDigit(rest[length]) || rest[length] == '$'))))
            length++;
        if (length == 0)
            throw Invalid(whole);
        var word = rest[..length].ToString().ToLowerInvariant();
        rest = rest[length..];
        return word;
    }

    private static SqlException Invalid(string text) =>
        new(PostgresErrorCodes.InvalidParameterValue, $"string is not a valid identifier: \"{text}\"");
}

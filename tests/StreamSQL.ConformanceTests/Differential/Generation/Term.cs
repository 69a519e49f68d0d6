using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>The types of generated expressions.</summary>
internal enum TermType
{
    Int,
    BigInt,
    Double,
    Decimal,
    Text,
    Bool,
    Date,
    Time,
    Timestamp,
    Interval,
    Plain,
    Bytes,
    Ints,
    Texts,
    Json,
}

/// <summary>
/// A generated expression: its text, its type, and what is known of its values, so that it can be put where it does not fail.
/// </summary>
/// <param name="Node">The text.</param>
/// <param name="Type">The type.</param>
/// <param name="Max">The largest magnitude of a number.</param>
/// <param name="Scale">Digits after the point of a DECIMAL.</param>
/// <param name="Inexact">Whether its last digits may differ, so that nothing may depend on them.</param>
internal sealed record Term(SqlNode Node, TermType Type, double Max = 0, int Scale = 0, bool Inexact = false)
{
    /// <summary>A column, an aggregate or the like, which needs no brackets.</summary>
    public static Term Leaf(string text, TermType type, double max = 0, int scale = 0) => new(Nodes.Of(type, text), type, max, scale);

    /// <summary>Digits before the point.</summary>
    public int Whole => Max < 1 ? 1 : (int)Math.Ceiling(Math.Log10(Max + 1));
}

/// <summary>The nodes of expressions, and the types' names.</summary>
internal static class Nodes
{
    /// <summary>An expression that can give way to another of its type, or to the simplest value of its type.</summary>
    public static SqlNode Of(TermType type, params SqlNode[] parts) => new(type.ToString(), parts, "", Simplest(type));

    /// <summary>A fixed query text, which can give way to a part that has the same columns.</summary>
    public static SqlNode Query(IEnumerable<TermType> columns, params SqlNode[] parts) => new($"({string.Join(',', columns)})", parts);

    /// <summary>A type's name, the same for both servers.</summary>
    public static string Name(TermType type) => type switch
    {
        TermType.Int => "int",
        TermType.BigInt => "bigint",
        TermType.Double => "double precision",
        TermType.Decimal => "decimal(20, 4)",
        TermType.Text => "text",
        TermType.Bool => "boolean",
        TermType.Date => "date",
        TermType.Time => "time",
        TermType.Timestamp => "timestamptz",
        TermType.Interval => "interval",
        TermType.Plain => "timestamp",
        TermType.Bytes => "bytea",
        TermType.Ints => "int[]",
        TermType.Texts => "text[]",
        TermType.Json => "jsonb",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The simplest value of a type.</summary>
    public static string Simplest(TermType type) => type switch
    {
        TermType.Int => "1",
        TermType.BigInt => "2::bigint",
        TermType.Double => "1.5::float8",
        TermType.Decimal => "2.5",
        TermType.Text => "'a'::text",
        TermType.Bool => "true",
        TermType.Date => "date '2020-02-29'",
        TermType.Time => "time '12:34:56'",
        TermType.Timestamp => "timestamptz '2020-02-29 12:34:56+00'",
        TermType.Interval => "interval '90 minutes'",
        TermType.Plain => "timestamp '2020-02-29 12:34:56'",
        TermType.Bytes => "'\\x01ff'::bytea",
        TermType.Ints => "array[1, 2]",
        TermType.Texts => "array['a', 'b']",
        TermType.Json => "'{\"a\": 1}'::jsonb",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}

using System.Globalization;
using System.Numerics;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>Sizes and counters. Topics and states are not files of a relation, so relations have no size of their own.</summary>
internal static class SizeFunctions
{
    private const int NextUnitFrom = 10 * 1024;

    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB", "PB"];

    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        .. OfRelation("PG_TABLE_SIZE"),
        .. OfRelation("PG_RELATION_SIZE"),
        .. OfRelation("PG_RELATION_SIZE", SqlType.Varchar),
        .. OfRelation("PG_TOTAL_RELATION_SIZE"),
        .. OfRelation("PG_INDEXES_SIZE"),
        Zero("PG_DATABASE_SIZE", SqlType.Oid),
        Zero("PG_DATABASE_SIZE", SqlType.Name),
        Zero("PG_TABLESPACE_SIZE", SqlType.Oid),
        Zero("PG_STAT_GET_NUMSCANS", SqlType.Oid),
        Zero("PG_STAT_GET_LIVE_TUPLES", SqlType.Oid),
        new("PG_TABLESPACE_LOCATION", SqlType.Varchar, [SqlType.Oid], static (_, _) => ""),
        new("PG_SIZE_PRETTY", SqlType.Varchar, [SqlType.BigInt], static (_, a) => Pretty((long)a[0]!)),
        new("PG_SIZE_PRETTY", SqlType.Varchar, [SqlType.Numeric], static (_, a) => Pretty((NumericValue)a[0]!)),
        new("PG_SIZE_BYTES", SqlType.BigInt, [SqlType.Varchar], static (_, a) => Bytes((string)a[0]!)),
    ];

    /// <summary>
    /// Asked with a relation, which a literal names, or with the number of one: no other conversion makes a regclass of a number.
    /// </summary>
    private static SessionSignature[] OfRelation(string name, params SqlType[] further) =>
        [Zero(name, [SqlType.RegClass, .. further]), Zero(name, [SqlType.Oid, .. further])];

    private static SessionSignature Zero(string name, params SqlType[] parameters) =>
        new(name, SqlType.BigInt, parameters, static (_, _) => 0L);

    /// <summary>A number with a unit, or without one for bytes, as bytes rounded half away from zero.</summary>
    /// <exception cref="SqlException">22023: it is no size, or its unit is none.</exception>
    private static long Bytes(string text)
    {
        var trimmed = text.AsSpan().Trim();
        var digits = 0;
        while (digits < trimmed.Length && (char.IsAsciiDigit(trimmed[digits]) || trimmed[digits] is '.' or '+' or '-'))
            digits++;
        if (!decimal.TryParse(trimmed[..digits], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"invalid size: \"{text}\"");
        var unit = trimmed[digits..].Trim().ToString();
        var power = unit.Length == 0 || unit.Equals("B", StringComparison.OrdinalIgnoreCase)
            ? 0 : Array.FindIndex(Units, known => known.Equals(unit, StringComparison.OrdinalIgnoreCase));
        if (power < 0)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue, $"invalid size: \"{text}\"",
                "Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
        }

        var bytes = (double)number * Math.Pow(1024, power);
        return Math.Abs(bytes) < long.MaxValue
            ? (long)Math.Round(number * (decimal)Math.Pow(1024, power), MidpointRounding.AwayFromZero)
            : throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange, "bigint out of range");
    }

    /// <summary>The same of a numeric, whose digits stay where they are bytes.</summary>
    private static string Pretty(NumericValue bytes)
    {
        var (number, unit, size) = (BigInteger.Abs(bytes.Unscaled), 0, BigInteger.Pow(10, bytes.Scale));
        if (!bytes.IsFinite)
            return $"{bytes} {Units[^1]}";
        if (number < NextUnitFrom * size)
            return $"{bytes} {Units[0]}";
        while (number >= NextUnitFrom * size && unit < Units.Length - 1)
        {
            size *= 1024;
            unit++;
        }

        return $"{bytes.Sign * (((2 * number) + size) / (2 * size))} {Units[unit]}";
    }

    /// <summary>PostgreSQL's rule: the next unit from 10,240 on, rounded half up.</summary>
    private static string Pretty(long bytes)
    {
        var unit = 0;
        var value = (decimal)bytes;
        while (Math.Abs(value) >= NextUnitFrom && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value, MidpointRounding.AwayFromZero)} {Units[unit]}");
    }
}

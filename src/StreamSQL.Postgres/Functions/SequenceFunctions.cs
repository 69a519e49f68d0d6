using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Catalog;

namespace StreamSQL.Postgres.Functions;

/// <summary>nextval and its kin: a sequence is given as a regclass, which a constant is read as, or by its name.</summary>
internal static class SequenceFunctions
{
    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        .. OfSequence("NEXTVAL", static (objects, name, _) => objects.Snapshot.Sequences?.Next(name)),
        .. OfSequence("CURRVAL", static (objects, name, _) => objects.Snapshot.Sequences?.Current(name)),
        .. OfSequence("SETVAL", static (objects, name, a) => objects.Snapshot.Sequences?.Set(name, (long)a[1]!, true), SqlType.BigInt),
        .. OfSequence(
            "SETVAL", static (objects, name, a) => objects.Snapshot.Sequences?.Set(name, (long)a[1]!, (bool)a[2]!), SqlType.BigInt,
            SqlType.Boolean),
        .. OfSequence("PG_SEQUENCE_LAST_VALUE", static (objects, name, _) => objects.Snapshot.Sequences?.LastOf(name)),
        new("LASTVAL", SqlType.BigInt, [], static (objects, _) => objects.Snapshot.Sequences?.Last()),
        new("PG_GET_SERIAL_SEQUENCE", SqlType.Varchar, [SqlType.Varchar, SqlType.Varchar],
            static (objects, a) => Owned(objects, (string)a[0]!, (string)a[1]!)),
    ];

    private static SessionSignature[] OfSequence(string name, Func<CatalogObjects, string, object?[], long?> evaluate,
        params SqlType[] further) =>
    [
        new(name, SqlType.BigInt, [SqlType.RegClass, .. further], (objects, a) => evaluate(objects, NameOf(objects, (uint)(long)a[0]!), a)),
        new(name, SqlType.BigInt, [SqlType.Varchar, .. further],
            (objects, a) => evaluate(objects, NameOf(objects, Relation(objects, (string)a[0]!)), a)),
    ];

    private static string NameOf(CatalogObjects objects, uint oid) =>
        objects.Sequences.FirstOrDefault(sequence => sequence.Oid == oid)?.Definition.Name
        ?? throw (objects.NameOf(oid) is { } other
            ? new SqlException(PostgresErrorCodes.WrongObjectType, $"\"{other}\" is not a sequence")
            : new SqlException(PostgresErrorCodes.UndefinedTable, $"there is no sequence with the number {oid}"));

    private static uint Relation(CatalogObjects objects, string name) => objects.FindRelation(name)
        ?? throw new SqlException(PostgresErrorCodes.UndefinedTable, $"relation \"{name}\" does not exist");

    private static string? Owned(CatalogObjects objects, string table, string column)
    {
        var source = objects.Find(Relation(objects, table));
        if (source?.Columns.FirstOrDefault(known => known.Name == column) is null)
            throw new SqlException(PostgresErrorCodes.UndefinedColumn, $"column \"{column}\" of relation \"{table}\" does not exist");
        var owned = objects.Sequences.FirstOrDefault(sequence =>
            sequence.Definition.OwnerTable == source.Definition.Name
                && Sql.Text.DisplayName.Of(sequence.Definition.OwnerColumn!) == column);
        return owned is null ? null : $"public.{ClientName.Quote(owned.Name)}";
    }
}

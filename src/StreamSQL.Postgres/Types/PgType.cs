namespace StreamSQL.Postgres.Types;

/// <summary>A PostgreSQL type as clients know it.</summary>
/// <param name="Oid">Its fixed object identifier.</param>
/// <param name="Name">Name in pg_type.</param>
/// <param name="SqlName">Name in SQL, as format_type shows it.</param>
/// <param name="Length">Bytes of a value; -1 when it varies.</param>
/// <param name="Category">Category letter (pg_type.typcategory).</param>
/// <param name="ArrayOid">Identifier of the array of it; 0 when there is none.</param>
internal sealed record PgType(uint Oid, string Name, string SqlName, short Length, char Category, uint ArrayOid)
{
    /// <summary>For an array: identifier of its element type; else 0.</summary>
    public uint ElementOid { get; init; }

    /// <summary>What the names of its input and output functions start with.</summary>
    public string FunctionPrefix { get; init; } = Name;

    /// <summary>The array type over it.</summary>
    public PgType ToArray() => new(ArrayOid, "_" + Name, SqlName + "[]", -1, 'A', 0) { ElementOid = Oid, FunctionPrefix = "array_" };
}

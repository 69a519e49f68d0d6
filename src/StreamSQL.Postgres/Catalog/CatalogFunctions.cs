using System.Collections.Frozen;
using StreamSQL.Data.Functions;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Catalog;

/// <summary>A function as pg_proc shows it.</summary>
/// <param name="Oid">Its identifier, which follows from its name.</param>
/// <param name="Name">Lower-case name.</param>
/// <param name="IsAggregate">Whether it is an aggregate.</param>
/// <param name="Arguments">Its arguments as text.</param>
/// <param name="Result">Its result as text.</param>
/// <param name="Description">What it does.</param>
internal sealed record CatalogFunction(uint Oid, string Name, bool IsAggregate, string Arguments, string Result, string Description)
{
    /// <summary>Whether it gives rows.</summary>
    public bool ReturnsSet { get; init; }
}

/// <summary>The functions of the registry, and the input and output functions that types name (drivers join pg_type with them).</summary>
internal static class CatalogFunctions
{
    private static readonly Lazy<FrozenDictionary<uint, CatalogFunction>> LazyAll = new(static () =>
        Functions().DistinctBy(static function => function.Oid).ToFrozenDictionary(static function => function.Oid));

    /// <summary>All by identifier.</summary>
    public static FrozenDictionary<uint, CatalogFunction> All => LazyAll.Value;

    /// <summary>The identifier that a function of that name has.</summary>
    public static uint OidOf(string name) => CatalogObjects.OidOf("function/" + name);

    /// <summary>The name behind an identifier, or null.</summary>
    public static string? NameOf(uint oid) => All.TryGetValue(oid, out var function) ? function.Name : null;

    private static IEnumerable<CatalogFunction> Functions()
    {
        foreach (var type in PgTypes.ByOid.Values)
        {
            yield return new(OidOf(type.FunctionPrefix + "in"), type.FunctionPrefix + "in", false, "cstring", type.SqlName, "I/O");
            yield return new(OidOf(type.FunctionPrefix + "out"), type.FunctionPrefix + "out", false, type.SqlName, "cstring", "I/O");
            yield return new(OidOf(type.FunctionPrefix + "recv"), type.FunctionPrefix + "recv", false, "internal", type.SqlName, "I/O");
            yield return new(OidOf(type.FunctionPrefix + "send"), type.FunctionPrefix + "send", false, type.SqlName, "bytea", "I/O");
        }

        foreach (var function in BuiltInFunctions.Registry.Scalars)
        {
            if (char.IsAsciiLetter(function.Name[0]))
                yield return From(function.Name, false, function.Doc);
        }

        foreach (var function in BuiltInFunctions.Registry.Lambdas)
            yield return From(function.Name, false, function.Doc);

        foreach (var function in BuiltInFunctions.Registry.Tables)
            yield return From(function.Name, false, function.Doc) with { ReturnsSet = true };

        foreach (var function in BuiltInFunctions.Registry.Aggregates)
            yield return From(function.Name, true, function.Doc);
    }

    /// <summary>A signature is written <c>NAME(arguments) -> result</c>.</summary>
    private static CatalogFunction From(string upperName, bool isAggregate, FunctionDoc doc)
    {
        var name = upperName.ToLowerInvariant();
        var signature = doc.Signatures.Count > 0 ? doc.Signatures[0] : "";
        var arrow = signature.LastIndexOf("->", StringComparison.Ordinal);
        var head = arrow < 0 ? signature : signature[..arrow];
        var open = head.IndexOf('(', StringComparison.Ordinal);
        var close = head.LastIndexOf(')');
        return new(
            OidOf(name), name, isAggregate, open >= 0 && close > open ? head[(open + 1)..close] : "",
            arrow < 0 ? "" : signature[(arrow + 2)..].Trim(),
            doc.Description);
    }
}

using StreamSQL.Data.Functions;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Postgres.Catalog;

namespace StreamSQL.Postgres.Functions;

/// <summary>
/// The functions of pg_catalog that ask about the session or the catalog, and the casts to and from regclass, regtype and regproc.
/// </summary>
public static class SessionFunctions
{
    private static readonly ScalarFunction[] OverAnyType = [new TypeOfFunction(), new ColumnSizeFunction()];

    private static readonly Lazy<Dictionary<string, SessionSignature[]>> Signatures = new(static () =>
        new[]
        {
            SessionInformation.Signatures, VisibilityFunctions.Signatures, DefinitionFunctions.Signatures, DescriptionFunctions.Signatures,
            PrivilegeFunctions.Signatures, BackendFunctions.Signatures, SizeFunctions.Signatures, NameFunctions.Signatures,
            PropertyFunctions.Signatures, SequenceFunctions.Signatures, ServerFunctions.Signatures,
        }
        .SelectMany(static family => family)
        .GroupBy(static signature => signature.Name, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal));

    /// <summary>Finds a function by upper-case name for one session; none when there is none.</summary>
    /// <param name="name">The name; a cast is named <c>VARCHAR::REGCLASS</c>.</param>
    /// <param name="snapshot">Gives the session's snapshot whenever the function is evaluated.</param>
    public static IReadOnlyList<ScalarFunction> Find(string name, Func<SystemSnapshot> snapshot) =>
        Array.Find(OverAnyType, function => function.Name == name) is { } anything
            ? [anything] : Signatures.Value.TryGetValue(name, out var signatures)
            ? [new SessionFunction(name, signatures, () => CatalogObjects.Of(snapshot()))]
            : [];
}

using StreamSQL.Data.Functions;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Postgres.Catalog;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// What SQL can name in every server. Making it takes a tenth of a start's processor time and needs no options, so it begins, on another
/// core, before they are read.
/// </summary>
/// <param name="Functions">The functions.</param>
/// <param name="Relations">pg_catalog and information_schema.</param>
internal sealed record Vocabulary(FunctionRegistry Functions, IReadOnlyList<SystemRelation> Relations)
{
    private static readonly Lazy<Task<Vocabulary>> Loaded =
        new(static () => Task.Run(static () => new Vocabulary(BuiltInFunctions.Registry, SystemCatalog.Relations)));

    /// <summary>Begins to make it, the first time; completes when it is made.</summary>
    public static Task<Vocabulary> LoadAsync() => Loaded.Value;
}

using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>Names of system relations.</summary>
internal static class SystemNames
{
    /// <summary>Whether a name is that of a system relation.</summary>
    public static bool IsSystemRelation(EngineServices services, QualifiedName name)
    {
        var schema = name.IsQualified ? name.Parts[^2].Text.ToLowerInvariant() : "pg_catalog";
        return services.Relations.ContainsKey($"{schema}.{name.Last.Text.ToLowerInvariant()}");
    }
}

using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Catalog;

/// <summary>Binds statements with what the engine knows: functions and system relations.</summary>
internal sealed class SessionPlanner(FunctionRegistry functions, IReadOnlyDictionary<string, PlanSchema> systemRelations)
{
    private static readonly Dictionary<string, int> NoTopics = [];

    /// <summary>Binds a statement against an image.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="image">The catalog.</param>
    /// <param name="properties">The properties in force.</param>
    /// <param name="topics">Partitions by topic, for statements that make sources; else null.</param>
    /// <param name="parameterTypes">Declared parameter types.</param>
    /// <param name="sessionFunctions">The functions as the session sees them; null for the shared ones.</param>
    /// <param name="schemas">What was found for the statement's <see cref="SchemaLookup"/>s; null for nothing.</param>
    /// <exception cref="Data.Errors.SqlException">The statement is wrong.</exception>
    public PlannedStatement Plan(
        Statement statement, CatalogImage image, IReadOnlyDictionary<string, string> properties, IReadOnlyDictionary<string, int>? topics,
        IReadOnlyList<SqlType?> parameterTypes, FunctionRegistry? sessionFunctions = null, FetchedSchemas? schemas = null) =>
        StatementPlanner.Plan(
            statement,
            new PlanningContext(image, sessionFunctions ?? functions, topics ?? NoTopics, systemRelations, properties, parameterTypes)
                { Schemas = schemas ?? FetchedSchemas.None });

    /// <summary>Binds a CREATE VIEW.</summary>
    /// <exception cref="Data.Errors.SqlException">The statement is wrong.</exception>
    public ViewDefinition PlanView(
        CreateViewStatement create, CatalogImage image, IReadOnlyDictionary<string, string> properties,
        FunctionRegistry sessionFunctions) =>
        ViewPlanner.Define(create, new PlanningContext(image, sessionFunctions, NoTopics, systemRelations, properties, []));

    /// <summary>Binds an ALTER STREAM or TABLE.</summary>
    /// <exception cref="Data.Errors.SqlException">The statement is wrong.</exception>
    public SourceDefinition PlanAlter(
        AlterSourceStatement alter, CatalogImage image, IReadOnlyDictionary<string, string> properties,
        FunctionRegistry sessionFunctions) =>
        SourceAlteration.Plan(alter, new PlanningContext(image, sessionFunctions, NoTopics, systemRelations, properties, []));

    /// <summary>Binds an INSERT INTO ... SELECT that is a copy (see <see cref="StatementPlanner.IsCopy"/>).</summary>
    /// <exception cref="Data.Errors.SqlException">The statement is wrong.</exception>
    public PlannedInsertSelect PlanCopy(
        InsertStatement insert, CatalogImage image, IReadOnlyDictionary<string, string> properties, IReadOnlyList<SqlType?> parameterTypes,
        FunctionRegistry sessionFunctions) =>
        StatementPlanner.PlanCopy(insert,
            new PlanningContext(image, sessionFunctions, NoTopics, systemRelations, properties, parameterTypes));
}

using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>
/// Finds functions that ask about a session or the catalog (<c>current_user</c>, <c>pg_table_is_visible</c>), for bounded queries.
/// </summary>
/// <param name="name">Upper-case name; a cast is named <c>VARCHAR::REGCLASS</c>.</param>
/// <param name="snapshot">Gives what the session sees, whenever the function is evaluated.</param>
public delegate IReadOnlyList<ScalarFunction> SessionFunctionSource(string name, Func<SystemSnapshot> snapshot);

using StreamSQL.Data.Functions.Nested;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Tables;

/// <summary>
/// PostgreSQL's functions that give rows. All but generate_series are a scalar function that gives an array, and a row for each of its
/// elements; an element that is a STRUCT is a row of several columns.
/// </summary>
internal static class PostgresTableFunctions
{
    public static IEnumerable<TableFunction> All() =>
    [
        new SeriesFunction(),
        new PostgresTableFunction("UNNEST", "A row for each element of an array.", ["unnest(ARRAY<T>) -> T"],
            static types => types is [{ Kind: SqlTypeKind.Array } array]
                ? new([array], array.Element!, new ExplodeFunctions.ExplodeKernel()) : null),
        FromList(PostgresArrayFunctions.All().First(static f => f.Name == "GENERATE_SUBSCRIPTS")),
        .. JsonTableFunctions.All(),
        FromList(Json.Paths.JsonPathFunctions.Query),
        .. TextTableFunctions.All(),
        .. CatalogTableFunctions.All(),
    ];

    /// <summary>The rows of a scalar function's array.</summary>
    /// <param name="list">The function.</param>
    /// <param name="name">The name of the function of rows; null for the same.</param>
    /// <param name="column">The name of its column in FROM; null where that is the alias.</param>
    public static TableFunction FromList(ScalarFunction list, string? name = null, string? column = null) => new PostgresTableFunction(
        name ?? list.Name, list.Doc.Description, [.. list.Doc.Signatures],
        types => list.Bind(types, RuleSet.Postgres) is { ResultType: { Kind: SqlTypeKind.Array } array } binding
            ? new(binding.ParameterTypes, array.Element!, new ExplodeFunctions.ExplodeKernel()) { List = binding }
            : null)
        {
            OwnColumn = column,
        };
}

/// <summary>A function that gives rows under PostgreSQL's rules alone.</summary>
internal sealed class PostgresTableFunction(
    string name, string description, string[] signatures, Func<IReadOnlyList<SqlType>, TableFunctionBinding?> bind)
    : TableFunction
{
    /// <summary>See <see cref="ColumnName"/>.</summary>
    public string? OwnColumn { get; init; }

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string? ColumnName => OwnColumn;

    /// <inheritdoc/>
    public override FunctionDoc Doc => FunctionDocs.Create("Table", description, signatures, []) with { Rules = RuleSet.Postgres };

    /// <inheritdoc/>
    public override bool IsIn(RuleSet rules) => rules == RuleSet.Postgres;

    /// <inheritdoc/>
    public override TableFunctionBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        rules == RuleSet.Postgres ? bind(arguments) : null;
}

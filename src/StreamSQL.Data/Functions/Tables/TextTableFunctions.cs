using StreamSQL.Data.Functions.Strings;

namespace StreamSQL.Data.Functions.Tables;

/// <summary>The functions that cut a text into rows.</summary>
internal static class TextTableFunctions
{
    public static IEnumerable<TableFunction> All() =>
    [
        PostgresTableFunctions.FromList(PostgresRegexFunctions.Matches),
        PostgresTableFunctions.FromList(PostgresRegexFunctions.SplitToTable),
        PostgresTableFunctions.FromList(PostgresTextFunctions.StringToArray, "STRING_TO_TABLE"),
    ];
}

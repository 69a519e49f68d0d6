using StreamSQL.Data.Functions.Strings;

namespace StreamSQL.Data.Functions.Tables;

/// <summary>The functions that cut a text into rows.</summary>
internal static class TextTableFunctions
{
    public static IEnumerable<TableFunction> All() =>
    [
        PostgresTableFunctions.FromList(PostgresRegexFunctions.Matches),
        PostgresTableFunctions.FromList(RegexFunctions.All().First(static f => f.Name == "REGEXP_SPLIT_TO_ARRAY"), "REGEXP_SPLIT_TO_TABLE"),
        PostgresTableFunctions.FromList(SubstringFunctions.All().First(static f => f.Name == "STRING_TO_ARRAY"), "STRING_TO_TABLE"),
    ];
}

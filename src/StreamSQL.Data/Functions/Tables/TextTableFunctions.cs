namespace StreamSQL.Data.Functions.Tables;

/// <summary>The functions that cut a text into rows.</summary>
internal static class TextTableFunctions
{
    public static IEnumerable<TableFunction> All() => [];
}

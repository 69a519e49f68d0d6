namespace StreamSQL.Data.Functions.Tables;

/// <summary>The functions that give the elements and members of JSON as rows.</summary>
internal static class JsonTableFunctions
{
    public static IEnumerable<TableFunction> All() => [];
}

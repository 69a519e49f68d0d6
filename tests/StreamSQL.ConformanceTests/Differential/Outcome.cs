namespace StreamSQL.ConformanceTests.Differential;

/// <summary>What a server answered to a statement: columns and rows as texts (null for NULL), or the SQLSTATE of an error.</summary>
internal sealed record Outcome(IReadOnlyList<OutcomeColumn> Columns, IReadOnlyList<string?[]> Rows, string? SqlState, string? Message)
{
    /// <summary>Stands for the SQLSTATE where the connection broke or the answer did not end.</summary>
    public const string Lost = "-----";

    public static Outcome OfError(string sqlState, string message) => new([], [], sqlState, message);
}

/// <summary>A column of an answer: its name and the name of its type, without modifiers.</summary>
internal sealed record OutcomeColumn(string Name, string Type);

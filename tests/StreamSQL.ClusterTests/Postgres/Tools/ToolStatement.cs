using StreamSQL.ClusterTests.Postgres.Protocol;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres.Tools;

/// <summary>A statement of the kind that a tool sends when it connects or browses.</summary>
/// <param name="Name">The tool, and what it wants to know.</param>
/// <param name="Sql">The statement.</param>
/// <param name="Postgres">The columns that PostgreSQL 15 answered, with their types, and whether there were rows.</param>
/// <param name="Ours">What is answered here where that is something else; else null.</param>
/// <param name="Reason">Why it is something else.</param>
internal sealed record ToolStatement(string Name, string Sql, string Postgres, string? Ours, string? Reason)
{
    private static readonly string Path = System.IO.Path.Combine(Repository.Root, "tests", "StreamSQL.ClusterTests", "Postgres", "Tools",
        "statements.txt");

    private static readonly string[] Setup =
    [
        "DROP TABLE IF EXISTS orders CASCADE", "DROP TABLE IF EXISTS customers CASCADE",
        "CREATE TABLE orders (id bigint, product text, price double precision, at timestamptz)",
        "CREATE TABLE customers (id bigint PRIMARY KEY, name text, score numeric(10,2))",
        "CREATE MATERIALIZED VIEW mv_totals AS SELECT product, count(*) AS n FROM orders GROUP BY product",
    ];

    /// <summary>Reads all statements.</summary>
    public static IReadOnlyList<ToolStatement> ReadAll()
    {
        var all = new List<ToolStatement>();
        foreach (var line in File.ReadLines(Path).Where(static line => line.Length > 2))
        {
            var text = line[2..];
            if (line[0] == '#')
                all.Add(new(text, "", "", null, null));
            else if (line[0] != ';')
                all[^1] = all[^1].With(line[0], text);
        }

        return all;
    }

    /// <summary>Asks a PostgreSQL for all answers anew and writes the file; what is answered here stays as it is.</summary>
    public static async Task<int> RecordAsync(string host, int port, string user, string database)
    {
        var lines = File.ReadLines(Path).TakeWhile(static line => line.StartsWith(';')).ToList();
        using var connection = await ProtocolConnection.OpenAsync(host, port, user, database);
        foreach (var sql in Setup)
            await connection.ExchangeAsync("Q " + sql);
        foreach (var statement in ReadAll())
        {
            var answer = Summarize(await connection.ExchangeAsync("Q " + statement.Sql));
            lines.AddRange(["", "# " + statement.Name, "> " + statement.Sql, "< " + answer]);
            if (statement.Ours is not null && statement.Ours != answer)
                lines.AddRange(["~ " + statement.Ours, "! " + statement.Reason]);
        }

        await File.WriteAllLinesAsync(Path, lines);
        return 0;
    }

    /// <summary>Of an answer the columns with their types, and whether there are rows; an error whole.</summary>
    public static string Summarize(string answer)
    {
        if (!answer.StartsWith("T(", StringComparison.Ordinal))
            return answer;
        var rows = answer.IndexOf(") D(", StringComparison.Ordinal);
        var end = answer.IndexOf(") C:", StringComparison.Ordinal);
        if (rows >= 0 && (end < 0 || rows < end))
            return answer[2..rows] + "; rows";
        return end < 0 ? answer : answer[2..end] + "; none";
    }

    private ToolStatement With(char kind, string text) => kind switch
    {
        '>' => this with { Sql = text },
        '<' => this with { Postgres = text },
        '~' => this with { Ours = text },
        '!' => this with { Reason = text },
        _ => throw new InvalidDataException($"a line of {Path} begins with {kind}"),
    };
}

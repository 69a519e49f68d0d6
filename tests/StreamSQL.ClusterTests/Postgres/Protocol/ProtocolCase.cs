using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres.Protocol;

/// <summary>One exchange of a case.</summary>
/// <param name="Sent">The messages.</param>
/// <param name="Postgres">What PostgreSQL 15 answered.</param>
/// <param name="Ours">What is answered here where that is something else; else null.</param>
/// <param name="Reason">Why it is something else.</param>
internal sealed record Exchange(string Sent, string Postgres, string? Ours, string? Reason);

/// <summary>A case: a connection of its own and what goes over it.</summary>
internal sealed record ProtocolCase(string Name, IReadOnlyList<Exchange> Exchanges)
{
    private static readonly string Path =
        System.IO.Path.Combine(Repository.Root, "tests", "StreamSQL.ClusterTests", "Postgres", "Protocol", "cases.txt");

    /// <summary>Reads all cases.</summary>
    public static IReadOnlyList<ProtocolCase> ReadAll()
    {
        var cases = new List<ProtocolCase>();
        foreach (var line in File.ReadLines(Path).Where(static line => line.Length > 0))
        {
            var text = line.Length > 2 ? line[2..] : "";
            switch (line[0])
            {
                case '#':
                    cases.Add(new(text, new List<Exchange>()));
                    break;
                case '>':
                    cases[^1].List.Add(new(text, "", null, null));
                    break;
                case '<':
                    cases[^1].List[^1] = cases[^1].List[^1] with { Postgres = text };
                    break;
                case '~':
                    cases[^1].List[^1] = cases[^1].List[^1] with { Ours = text };
                    break;
                case '!':
                    cases[^1].List[^1] = cases[^1].List[^1] with { Reason = text };
                    break;
            }
        }

        return cases;
    }

    /// <summary>Asks a PostgreSQL for all answers anew and writes the file; what is answered here stays as it is.</summary>
    public static async Task<int> RecordAsync(string host, int port, string user, string database)
    {
        var head = File.ReadLines(Path).TakeWhile(static line => line.StartsWith("; ", StringComparison.Ordinal)).ToList();
        var lines = new List<string>(head);
        foreach (var known in ReadAll())
        {
            lines.Add("");
            lines.Add("# " + known.Name);
            using var connection = await ProtocolConnection.OpenAsync(host, port, user, database);
            foreach (var exchange in known.Exchanges)
            {
                var answer = await connection.ExchangeAsync(exchange.Sent);
                lines.AddRange(["> " + exchange.Sent, "< " + answer]);
                if (exchange.Ours is not null && exchange.Ours != answer)
                    lines.AddRange(["~ " + exchange.Ours, "! " + exchange.Reason]);
            }
        }

        await File.WriteAllLinesAsync(Path, lines);
        return 0;
    }

    private List<Exchange> List => (List<Exchange>)Exchanges;
}

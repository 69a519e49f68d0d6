using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace StreamSQL.ConformanceTests.Postgres;

/// <summary>
/// Sends the statements that real clients send to a running server. One passes when it is answered without an error and with the column
/// names that PostgreSQL gave; with --types also with its types. Streams and tables named in the recordings must be there.
/// </summary>
internal sealed partial class StatementReplay
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, (string Relation, string Column)> s_catalogs = new(StringComparer.Ordinal)
    {
        ["rel"] = ("pg_class", "relname"),
        ["type"] = ("pg_type", "typname"),
        ["proc"] = ("pg_proc", "proname"),
        ["con"] = ("pg_constraint", "conname"),
        ["trg"] = ("pg_trigger", "tgname"),
        ["ns"] = ("pg_namespace", "nspname"),
        ["db"] = ("pg_database", "datname"),
        ["role"] = ("pg_roles", "rolname"),
    };

    private readonly IPEndPoint _address;
    private readonly bool _types;
    private readonly Dictionary<string, string> _oids = new(StringComparer.Ordinal);

    private StatementReplay(IPEndPoint address, bool types)
    {
        _address = address;
        _types = types;
    }

    /// <summary>Replays <c>FOLDER/*.jsonl</c>; 0 when all pass.</summary>
    public static async Task<int> RunAsync(string address, string folder, IReadOnlyList<string> options, TextWriter output)
    {
        if (!IPEndPoint.TryParse(address.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), out var endpoint))
            return ShowUsage(output);
        var replay = new StatementReplay(endpoint, options.Contains("--types"));
        var failures = new List<string>();
        var passed = 0;
        var total = 0;
        foreach (var file in Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            foreach (var tier in RecordedStatement.ReadFile(file).GroupBy(static statement => statement.Tier)
                .OrderBy(static group => group.Key))
            {
                var failed = await replay.RunTierAsync(name, [.. tier]);
                failures.AddRange(failed);
                total += tier.Count();
                passed += tier.Count() - failed.Count;
                output.WriteLine($"{name,-28} tier {tier.Key}  {tier.Count() - failed.Count,3} of {tier.Count(),3}");
            }
        }

        foreach (var failure in failures)
            output.WriteLine($"failed: {failure}");
        output.WriteLine($"{passed} of {total} statements answered as PostgreSQL does{(replay._types ? ", types too" : "")}");
        return passed == total ? 0 : 1;
    }

    /// <summary>Says how to use it.</summary>
    public static int ShowUsage(TextWriter output)
    {
        output.WriteLine("usage: postgres HOST:PORT FOLDER [--types]   replays FOLDER/*.jsonl against a running server");
        return 2;
    }

    private async Task<List<string>> RunTierAsync(string client, IReadOnlyList<RecordedStatement> statements)
    {
        var failures = new List<string>();
        var connection = await OpenAsync();
        foreach (var statement in statements)
        {
            string? failure;
            try
            {
                failure = await RunAsync(connection, statement);
            }
            catch (Exception error) when (error is IOException or InvalidDataException)
            {
                failure = $"connection: {error.Message}";
                connection.Dispose();
                connection = await OpenAsync();
            }

            if (failure is not null)
                failures.Add($"{client} {statement.Number} {statement.Label}: {failure}");
        }

        connection.Dispose();
        return failures;
    }

    private async Task<string?> RunAsync(WireConnection connection, RecordedStatement statement)
    {
        var sql = await ResolveAsync(statement.Sql);
        var parameters = new List<RecordedParameter>();
        foreach (var parameter in statement.Parameters)
            parameters.Add(parameter with { Value = parameter.Value is null ? null : await ResolveAsync(parameter.Value) });
        var answer = statement.Protocol == "simple" ? connection.Query(sql) : connection.Execute(sql, parameters);
        if (statement.Protocol == "simple" && statement.BeginsBlock)
            connection.Query("ROLLBACK");
        if (answer.Error is not null)
            return statement.IsRefused ? null : answer.Error;
        return Compare(statement, answer);
    }

    private string? Compare(RecordedStatement statement, WireAnswer answer)
    {
        var wanted = statement.Results.Select(static result => string.Join(", ", result.Select(static column => column.Name)));
        var given = answer.Results.Select(static result => string.Join(", ", result.Select(static column => column.Name)));
        if (!wanted.SequenceEqual(given))
            return $"columns ({string.Join("; ", given)}), not ({string.Join("; ", wanted)})";
        if (!_types)
            return null;
        var differing = statement.Results.SelectMany(static result => result).Zip(answer.Results.SelectMany(static result => result))
            .Where(static pair => pair.First.Oid != 0 && pair.First.Oid != pair.Second.Oid)
            .Select(static pair => $"{pair.First.Name} {pair.Second.Oid}, not {pair.First.Oid}").ToArray();
        return differing.Length == 0 ? null : $"types: {string.Join("; ", differing)}";
    }

    /// <summary>Puts the server's object identifiers in place of <c>{oid:rel:orders}</c>.</summary>
    private async Task<string> ResolveAsync(string text)
    {
        foreach (Match match in Placeholder().Matches(text))
        {
            if (_oids.ContainsKey(match.Value))
                continue;
            var (relation, column) = s_catalogs[match.Groups[1].Value];
            using var connection = await OpenAsync();
            var answer = connection.Query(string.Create(
                CultureInfo.InvariantCulture, $"SELECT oid FROM pg_catalog.{relation} WHERE {column} = '{match.Groups[2].Value}'"));
            _oids[match.Value] = answer.Rows is [[{ } oid], ..] ? oid : "0";
        }

        return Placeholder().Replace(text, match => _oids[match.Value]);
    }

    private Task<WireConnection> OpenAsync() => WireConnection.OpenAsync(_address.Address.ToString(), _address.Port, s_patience);

    [GeneratedRegex(@"\{oid:(\w+):([^}]+)\}")]
    private static partial Regex Placeholder();
}

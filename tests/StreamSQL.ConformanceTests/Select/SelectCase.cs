using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using StreamSQL.ConformanceTests.Support;

namespace StreamSQL.ConformanceTests.Select;

/// <summary>One SELECT and what PostgreSQL 15 answered: rows, or an error.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Query">The statement, without the data sets that it names.</param>
/// <param name="Expected">A line for each row, values separated by bars; or one line <c>error SQLSTATE message</c>.</param>
internal sealed record SelectCase(string Name, string Query, IReadOnlyList<string> Expected)
{
    /// <summary>Whether the statement says in which order its rows come.</summary>
    public bool IsOrdered => Query.LastIndexOf("ORDER BY", StringComparison.OrdinalIgnoreCase) > Query.LastIndexOf(')');
}

/// <summary>
/// A file of cases. <c>data t(a, b) = (1, 'x'), ...</c> names rows that statements read as a relation; <c>case NAME</c> begins a case, its
/// statement follows, and after a line <c>-&gt;</c> the answer.
/// </summary>
internal sealed partial class SelectCaseFile
{
    private readonly string _path;
    private readonly List<string> _preamble = [];
    private readonly List<(string Name, string Definition)> _data = [];

    private SelectCaseFile(string path) => _path = path;

    /// <summary>Where the files are.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "StreamSQL.ConformanceTests", "Select", "cases");

    /// <summary>The cases in order.</summary>
    public List<SelectCase> Cases { get; } = [];

    /// <summary>Reads a file.</summary>
    public static SelectCaseFile Read(string path)
    {
        var file = new SelectCaseFile(path);
        var lines = File.ReadAllLines(path);
        var at = Array.FindIndex(lines, static line => line.StartsWith("case ", StringComparison.Ordinal));
        file._preamble.AddRange(lines.Take(at));
        foreach (Match match in DataSet().Matches(string.Join('\n', file._preamble)))
            file._data.Add((match.Groups[1].Value,
                $"{match.Groups[1].Value}{match.Groups[2].Value} AS (VALUES {match.Groups[3].Value.Trim()})"));
        while (at < lines.Length)
        {
            var name = lines[at][5..];
            var answer = Array.FindIndex(lines, at, static line => line == "->");
            var next = Array.FindIndex(lines, answer, static line => line.StartsWith("case ", StringComparison.Ordinal));
            next = next < 0 ? lines.Length : next;
            file.Cases.Add(new(name, string.Join('\n', lines[(at + 1)..answer]),
                [.. lines[(answer + 1)..next].Where(static line => line.Length > 0)]));
            at = next;
        }

        return file;
    }

    /// <summary>The statement with its data sets in front.</summary>
    public string Statement(SelectCase test)
    {
        var used = _data.Where(data => Regex.IsMatch(test.Query, $@"\b{data.Name}\b")).Select(static data => data.Definition).ToList();
        if (used.Count == 0)
            return test.Query;
        var query = test.Query.TrimStart();
        var (explain, rest) = query.StartsWith("EXPLAIN", StringComparison.Ordinal)
            ? (query[..query.IndexOf("SELECT", StringComparison.Ordinal)], query[query.IndexOf("SELECT", StringComparison.Ordinal)..])
            : ("", query);
        return rest.StartsWith("WITH ", StringComparison.Ordinal)
            ? $"{explain}WITH {string.Join(", ", used)}, {rest[5..]}"
            : $"{explain}WITH {string.Join(", ", used)} {rest}";
    }

    /// <summary>Writes the file with other answers.</summary>
    public void Write(IReadOnlyList<IReadOnlyList<string>> answers)
    {
        var text = new StringBuilder();
        foreach (var line in _preamble)
            text.Append(line).Append('\n');
        for (var i = 0; i < Cases.Count; i++)
        {
            text.Append("case ").Append(Cases[i].Name).Append('\n').Append(Cases[i].Query).Append("\n->\n");
            foreach (var line in answers[i])
                text.Append(line).Append('\n');
            if (i < Cases.Count - 1)
                text.Append('\n');
        }

        File.WriteAllText(_path, text.ToString());
    }

    /// <summary>A row as a line. Numbers with a fraction lose trailing zeros and digits that depend on how a sum was rounded.</summary>
    public static string Line(IEnumerable<string?> values) => string.Join('|', values.Select(static value => value switch
    {
        null => "NULL",
        _ when Fraction().IsMatch(value) => double.Parse(value, CultureInfo.InvariantCulture).ToString("G13", CultureInfo.InvariantCulture),
        _ => value,
    }));

    [GeneratedRegex(@"^data (\w+)(\([^)]*\)) =\s*((?:.|\n)*?)(?=\n\n|\z)", RegexOptions.Multiline)]
    private static partial Regex DataSet();

    [GeneratedRegex(@"^-?\d+\.\d+(e[+-]?\d+)?$|^-?\d+e[+-]?\d+$")]
    private static partial Regex Fraction();
}

using System.Globalization;

namespace StreamSQL.ConformanceTests.Differential;

/// <summary>
/// Whether two answers are the same: numerics in all digits, doubles but for their last ones; errors
/// are compared by the class of their SQLSTATE.
/// </summary>
/// <param name="countsZeros">Whether zeros at the end of numerics count: not where it is not said which
/// of equal numbers is the one that is shown.</param>
internal sealed class OutcomeComparison(bool countsZeros)
{
    private const double DoubleTolerance = 1e-11;

    /// <summary>What differs, in a few words and the figures that show it; null when nothing does.</summary>
    /// <param name="expected">What PostgreSQL answered.</param>
    /// <param name="actual">What StreamSQL answered.</param>
    /// <param name="ordered">The columns, from zero, by which the rows are in order.</param>
    public Difference? Compare(Outcome expected, Outcome actual, IReadOnlyList<int> ordered)
    {
        if (expected.SqlState is not null || actual.SqlState is not null)
            return CompareErrors(expected, actual);
        if (expected.Columns.Count != actual.Columns.Count)
            return new("columns", $"{expected.Columns.Count} columns", $"{actual.Columns.Count}");
        for (var i = 0; i < expected.Columns.Count; i++)
        {
            if (expected.Columns[i].Name != actual.Columns[i].Name)
                return new("name", expected.Columns[i].Name, actual.Columns[i].Name);
            if (expected.Columns[i].Type != actual.Columns[i].Type)
                return new("type", expected.Columns[i].Type, actual.Columns[i].Type);
        }

        if (expected.Rows.Count != actual.Rows.Count)
            return new("count", $"{expected.Rows.Count} rows", $"{actual.Rows.Count} rows");
        return CompareOrder(expected, actual, ordered) ?? CompareRows(expected, actual);
    }

    private static Difference? CompareErrors(Outcome expected, Outcome actual)
    {
        if (expected.SqlState is { } wanted && actual.SqlState is { } got && wanted[..2] == got[..2])
            return null;
        return new(expected.SqlState is null ? $"error {actual.SqlState}" : actual.SqlState is null ? $"no error {expected.SqlState}"
            : "other error",
            Show(expected), Show(actual));

        static string Show(Outcome outcome) =>
            outcome.SqlState is null ? $"{outcome.Rows.Count} rows" : $"{outcome.SqlState} {outcome.Message}";
    }

    private Difference? CompareOrder(Outcome expected, Outcome actual, IReadOnlyList<int> ordered)
    {
        for (var row = 0; row < expected.Rows.Count; row++)
        {
            foreach (var column in ordered)
            {
                if (!Same(expected.Columns[column].Type, expected.Rows[row][column], actual.Rows[row][column]))
                    return new("order", Show(expected.Rows[row]), $"{Show(actual.Rows[row])} as row {row}");
            }
        }

        return null;
    }

    /// <summary>
    /// As multisets: both are sorted by their texts, then rows that do not match in place are looked for among the others.
    /// </summary>
    private Difference? CompareRows(Outcome expected, Outcome actual)
    {
        var left = new List<string?[]>(actual.Rows);
        var missing = new List<string?[]>();
        var byText = left.GroupBy(Show).ToDictionary(static group => group.Key, static group => group.Count());
        foreach (var row in expected.Rows)
        {
            var key = Show(row);
            if (byText.TryGetValue(key, out var count) && count > 0)
                byText[key] = count - 1;
            else
                missing.Add(row);
        }

        if (missing.Count == 0)
            return null;
        var rest = new List<string?[]>();
        foreach (var row in left)
        {
            var key = Show(row);
            if (byText[key]-- > 0)
                rest.Add(row);
        }

        foreach (var row in missing)
        {
            var match = rest.FindIndex(other => SameRow(expected.Columns, row, other));
            if (match < 0)
                return new("rows", Show(row), Show(Closest(row, rest)));
            rest.RemoveAt(match);
        }

        return null;
    }

    private static string?[] Closest(string?[] row, List<string?[]> others) =>
        others.MaxBy(other => other.Where((value, i) => value == row[i]).Count())!;

    private bool SameRow(IReadOnlyList<OutcomeColumn> columns, string?[] expected, string?[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (!Same(columns[i].Type, expected[i], actual[i]))
                return false;
        }

        return true;
    }

    private bool Same(string type, string? expected, string? actual)
    {
        if (expected is null || actual is null || expected == actual)
            return expected == actual;
        return type switch
        {
            "numeric" => !countsZeros && WithoutZeros(expected) == WithoutZeros(actual),
            "double precision" => SameDouble(expected, actual),
            "numeric[]" or "double precision[]" => SameElements(type[..^2], expected, actual),
            _ => false,
        };
    }

    private bool SameElements(string type, string expected, string actual)
    {
        var (left, right) = (expected.Split(','), actual.Split(','));
        return left.Length == right.Length && left.Zip(right)
            .All(pair => Same(type, pair.First.Trim('{', '}', '"'), pair.Second.Trim('{', '}', '"')));
    }

    private static bool SameDouble(string expected, string actual)
    {
        var (left, right) = (double.Parse(expected, CultureInfo.InvariantCulture), double.Parse(actual, CultureInfo.InvariantCulture));
        return left.Equals(right) || Math.Abs(left - right) <= DoubleTolerance * Math.Max(1, Math.Max(Math.Abs(left), Math.Abs(right)));
    }

    private static string WithoutZeros(string numeric) =>
        numeric.Contains('.', StringComparison.Ordinal) ? numeric.TrimEnd('0').TrimEnd('.') : numeric;

    private static string Show(string?[] row) => string.Join(" | ", row.Select(static value => value is null ? "NULL" : $"<{value}>"));
}

/// <summary>How two answers differ.</summary>
/// <param name="Kind">In which way; shrinking keeps to it.</param>
/// <param name="Expected">What shows it in PostgreSQL's answer.</param>
/// <param name="Actual">What stands there in StreamSQL's.</param>
internal sealed record Difference(string Kind, string Expected, string Actual);

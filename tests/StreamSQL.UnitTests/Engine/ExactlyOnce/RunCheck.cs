using StreamSQL.Kafka.Client;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>Compares what a run has left behind with the oracles.</summary>
internal static class RunCheck
{
    private const int ShownRows = 3;

    /// <summary>Reads the output topics.</summary>
    public static async Task<RunResult> ReadAsync(IBrokerClient broker, IReadOnlyList<Shape> shapes, History history)
    {
        var outputs = new Dictionary<string, OutputLog>();
        foreach (var shape in shapes)
            outputs.Add(shape.Name, await OutputLog.ReadAsync(broker, shape.Name, shape.WindowBounds));
        return new RunResult(history, outputs);
    }

    /// <summary>How the rows of a shape's pull query differ from the expected ones; null when they do not.</summary>
    public static string? Compare(Shape shape, RunResult run, IEnumerable<string> rows)
    {
        var left = rows.Select(static row => row.Replace("null", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var missing = new List<string>();
        foreach (var row in shape.ExpectedRows(run).Order(StringComparer.Ordinal))
        {
            var at = left.BinarySearch(row, StringComparer.Ordinal);
            if (at >= 0)
                left.RemoveAt(at);
            else
                missing.Add(row);
        }

        if (missing.Count == 0 && left.Count == 0)
            return null;
        return $"{shape.Name}: the table has {left.Count} rows too many ({string.Join(", ", left.Take(ShownRows))}) "
            + $"and lacks {missing.Count} ({string.Join(", ", missing.Take(ShownRows))})";
    }
}

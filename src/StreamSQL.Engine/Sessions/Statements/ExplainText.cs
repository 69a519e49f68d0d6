using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>Writes a plan for EXPLAIN, with what its nodes gave where it has been run.</summary>
internal sealed class ExplainText(ExplainOptions options, PlanMeters? meters, TimeSpan planning, TimeSpan execution)
{
    /// <summary>The lines of a plan, or its JSON as one.</summary>
    public IReadOnlyList<string> Print(LogicalPlan plan) => options.IsJson ? [Json(plan)] : [.. Lines(plan, 0), .. Summary()];

    private IEnumerable<string> Lines(LogicalPlan plan, int depth)
    {
        yield return $"{new string(' ', 2 * depth)}{PlanPrinter.PrintNode(plan)}{Actual(plan)}";
        foreach (var input in plan.Inputs)
        {
            foreach (var line in Lines(input, depth + 1))
                yield return line;
        }
    }

    private string Actual(LogicalPlan plan)
    {
        if (meters is null)
            return "";
        if (meters.Find(plan) is not { } meter)
            return " (never executed)";
        var time = options.Timing ? $"time={Milliseconds(meter.First)}..{Milliseconds(meter.Total)} " : "";
        return string.Create(CultureInfo.InvariantCulture, $" (actual {time}rows={meter.Rows} batches={meter.Batches} loops=1)");
    }

    private IEnumerable<string> Summary()
    {
        if (!options.Summary)
            yield break;
        yield return $"Planning Time: {Milliseconds(planning)} ms";
        if (meters is not null)
            yield return $"Execution Time: {Milliseconds(execution)} ms";
    }

    private string Json(LogicalPlan plan)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartArray();
            writer.WriteStartObject();
            writer.WritePropertyName("Plan");
            WriteNode(writer, plan);
            if (options.Summary)
            {
                writer.WriteNumber("Planning Time", Rounded(planning));
                if (meters is not null)
                    writer.WriteNumber("Execution Time", Rounded(execution));
            }

            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private void WriteNode(Utf8JsonWriter writer, LogicalPlan plan)
    {
        writer.WriteStartObject();
        writer.WriteString("Node Type", plan.GetType().Name["Logical".Length..]);
        writer.WriteString("Description", PlanPrinter.PrintNode(plan));
        writer.WriteStartArray("Output");
        foreach (var column in plan.Schema.Columns)
            writer.WriteStringValue(column.Name);
        writer.WriteEndArray();
        if (meters?.Find(plan) is { } meter)
        {
            if (options.Timing)
            {
                writer.WriteNumber("Actual Startup Time", Rounded(meter.First));
                writer.WriteNumber("Actual Total Time", Rounded(meter.Total));
            }

            writer.WriteNumber("Actual Rows", meter.Rows);
            writer.WriteNumber("Actual Batches", meter.Batches);
            writer.WriteNumber("Actual Loops", 1);
        }

        if (plan.Inputs.Count > 0)
        {
            writer.WriteStartArray("Plans");
            foreach (var input in plan.Inputs)
                WriteNode(writer, input);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static double Rounded(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}

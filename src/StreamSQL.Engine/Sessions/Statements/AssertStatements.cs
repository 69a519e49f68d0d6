using System.Collections;
using System.Globalization;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// ASSERT VALUES and ASSERT NULL VALUES: takes the next record of a stream or table, after what the session has written went through.
/// </summary>
internal sealed class AssertRecordStatement(Session session, EngineServices services, PlannedAssertRecord planned, Statement syntax)
    : SessionStatement
{
    /// <inheritdoc/>
    public override bool NeedsCommitted => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var target = planned.Expected.Target;
        var image = services.Log.Image;
        foreach (var writer in services.Queries.All.Where(query => query.Definition.Sink == target.Name).ToArray())
            await services.Queries.WaitForWritesAsync(writer, session.Writes.Topics, image, cancellation);

        var rows = InsertedRows.Evaluate(planned.Expected, services.Tasks, session.OpenClock(), values);
        var expected = rows.Columns.Select(static column => ColumnReader.Read(column, 0)).ToArray();
        var time = planned.Expected.RowTime[0] is null ? (long?)null : rows.RowTime.Values[0];
        if (await session.Asserted.TakeAsync(target, services.Tasks, cancellation) is not { } actual)
            throw Differs(Describe(target, expected, time, planned.IsTombstone), "no more records");
        if (!Matches(target, expected, time, actual))
            throw Differs(Describe(target, expected, time, planned.IsTombstone),
                Describe(target, actual.Values, actual.RowTime, actual.IsTombstone));
        return new CommandResult("ASSERT");
    }

    private bool Matches(SourceDefinition target, object?[] expected, long? time, AssertedRecord actual)
    {
        if (actual.IsBad || actual.IsTombstone != planned.IsTombstone || (time is not null && time != actual.RowTime))
            return false;
        for (var i = 0; i < expected.Length; i++)
        {
            if ((target.Columns[i].IsKey || !planned.IsTombstone) && !AreSame(expected[i], actual.Values[i]))
                return false;
        }

        return true;
    }

    private static bool AreSame(object? left, object? right) => (left, right) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (KeyValuePair<object, object?>[] a, KeyValuePair<object, object?>[] b) =>
            a.Length == b.Length && a.All(entry => b.Any(other => AreSame(entry.Key, other.Key) && AreSame(entry.Value, other.Value))),
        (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b).All(static pair => AreSame(pair.First, pair.Second)),
        _ => Equals(left, right),
    };

    private Data.Errors.SqlException Differs(string expected, string actual) =>
        SourceAssertion.Failure($"Expected record does not match actual. Expected: {expected}, actual: {actual}", syntax);

    private static string Describe(SourceDefinition target, IReadOnlyList<object?> values, long? time, bool isTombstone)
    {
        var columns = target.Columns.Select((column, i) => (column, Value: values[i])).Where(pair => pair.column.IsKey || !isTombstone)
            .Select(static pair => $"{pair.column.Name}={Show(pair.Value)}");
        return $"<{string.Join(", ", columns)}{(isTombstone ? " tombstone" : "")}{(time is null ? "" : $" ROWTIME={time}")}>";
    }

    private static string Show(object? value) => value switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexString(bytes),
        KeyValuePair<object, object?> entry => $"{Show(entry.Key)}:={Show(entry.Value)}",
        string text => $"'{text}'",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Show))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

/// <summary>ASSERT STREAM and ASSERT TABLE.</summary>
internal sealed class AssertDefinitionStatement(EngineServices services, AssertSourceStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        SourceAssertion.Check(syntax, services.Log.Image);
        return ValueTask.FromResult<StatementResult>(new CommandResult("ASSERT"));
    }
}

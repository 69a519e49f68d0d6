using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>ASSERT [NOT EXISTS] TOPIC: looks until it is so, or the time is up.</summary>
internal sealed class AssertTopicExistsStatement(Session session, EngineServices services, AssertTopicStatement syntax) : SessionStatement
{
    private const string DefaultTimeout = "ksql.assert.topic.default.timeout.ms";
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var time = services.Tasks.Time;
        var timeout = syntax.Timeout?.Milliseconds ?? (long.TryParse(session.Settings.Find(DefaultTimeout), out var configured) ? configured : 1000);
        var start = time.GetTimestamp();
        while (await FindDifferenceAsync(cancellation) is { } difference)
        {
            if (time.GetElapsedTime(start).TotalMilliseconds >= timeout)
                throw SourceAssertion.Failure(difference, syntax);
            await Task.Delay(s_interval, time, cancellation);
        }

        return new CommandResult("ASSERT");
    }

    private async ValueTask<string?> FindDifferenceAsync(CancellationToken cancellation)
    {
        var found = await services.Tasks.Broker.GetTopicsAsync([syntax.Topic], cancellation);
        if (!syntax.MustExist)
            return found.Count == 0 ? null : $"Topic {syntax.Topic} exists";
        if (found.Count == 0)
            return $"Topic {syntax.Topic} does not exist";
        return TopicAssertion.FindDifference(syntax, found[0].PartitionCount);
    }
}

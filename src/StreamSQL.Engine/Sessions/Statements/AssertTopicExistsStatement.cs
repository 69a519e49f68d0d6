using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>ASSERT [NOT EXISTS] TOPIC: looks until it is so, or the time is up.</summary>
internal sealed class AssertTopicExistsStatement(Session session, EngineServices services, AssertTopicStatement syntax) : SessionStatement
{
    private const string DefaultTimeout = "ksql.assert.topic.default.timeout.ms";

    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation) =>
        AssertionWait.RunAsync(session, services.Tasks.Time, syntax, syntax.Timeout, DefaultTimeout, FindDifferenceAsync, cancellation);

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

using System.Text.RegularExpressions;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Lists transactional ids: by state, by producer, from version 1 by age (KIP-994), from version 2 by name (KIP-1152).</summary>
internal sealed class ListTransactionsHandler(BrokerServices services)
    : ApiHandler<ListTransactionsRequest, ListTransactionsResponse>(Apis.ListTransactions)
{
    private const int MaxPatternLength = 1024;

    protected override ValueTask<ListTransactionsResponse?> HandleAsync(ListTransactionsRequest request, RequestContext context)
    {
        if (!TryCompile(request.TransactionalIdPattern, out Regex? pattern))
            return new(new ListTransactionsResponse { ErrorCode = ErrorCode.InvalidRegularExpression });
        var response = new ListTransactionsResponse();
        HashSet<TransactionStatus> statuses = [];
        foreach (string name in request.StateFilters)
        {
            if (Enum.TryParse(name, out TransactionStatus status) && status.ToString() == name)
                statuses.Add(status);
            else
                response.UnknownStateFilters.Add(name);
        }
        long nowMs = services.Host.Transactions.NowMs;
        foreach (TransactionState state in services.Host.Transactions.List())
        {
            bool isAsked = (request.StateFilters.Count == 0 || statuses.Contains(state.Status))
                && (request.ProducerIdFilters.Count == 0 || request.ProducerIdFilters.Contains(state.ProducerId))
                && (request.DurationFilter < 0 || nowMs - state.StartMs > request.DurationFilter)
                && (pattern is null || pattern.IsMatch(state.TransactionalId));
            if (isAsked)
                response.TransactionStates.Add(Describe(state));
        }
        return new(response);
    }

    private static ListTransactionsResponse.Transaction Describe(TransactionState state) => new()
    {
        TransactionalId = state.TransactionalId,
        ProducerId = state.ProducerId,
        TransactionState = state.Status.ToString(),
    };

    /// <summary>
    /// A pattern for whole ids. One from outside must not cost more than its length, so it is matched without backtracking.
    /// </summary>
    private static bool TryCompile(string? pattern, out Regex? compiled)
    {
        compiled = null;
        if (string.IsNullOrEmpty(pattern))
            return true;
        if (pattern.Length > MaxPatternLength)
            return false;
        try
        {
            const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
            _ = new Regex(pattern, Options); // by itself, so that no stray bracket closes ours
            compiled = new Regex($@"\A(?:{pattern})\z", Options);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false; // malformed, or with constructs that need backtracking
        }
    }
}

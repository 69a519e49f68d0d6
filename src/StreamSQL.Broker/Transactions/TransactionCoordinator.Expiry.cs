using StreamSQL.Storage.Files;

namespace StreamSQL.Broker.Transactions;

/// <content>What happens as time passes: transactions left open are aborted, ids without one are forgotten.</content>
public sealed partial class TransactionCoordinator
{
    /// <summary>Aborts transactions that have been open too long.</summary>
    internal async ValueTask ExpireAsync()
    {
        foreach (var (_, entry) in _entries)
        {
            if (entry.State is not { } seen || !TransactionMachine.IsOverdue(seen, NowMs))
                continue;
            using (await entry.EnterAsync())
            {
                if (!entry.IsForgotten && entry.State is { } state)
                    await CarryOutAsync(entry, TransactionMachine.Expire(state, await FreshIdAsync(entry), NowMs));
            }
        }
    }

    /// <summary>
    /// Forgets ids that have had no transaction for long (<c>transactional.id.expiration.ms</c>), with a tombstone. One that a producer in
    /// this process holds stays.
    /// </summary>
    internal async ValueTask ForgetIdsAsync()
    {
        foreach (var (_, entry) in _entries)
        {
            if (!IsToForget(entry))
                continue;
            using (await entry.EnterAsync())
            {
                if (IsToForget(entry))
                    await ForgetAsync(entry);
            }
        }
    }

    private bool IsToForget(TransactionEntry entry) =>
        !entry.IsForgotten && entry.LocalHolder is null or { IsDisposed: true }
        && entry.State is { } state && TransactionMachine.IsForgotten(state, _idExpirationMs, NowMs);

    private async ValueTask ForgetAsync(TransactionEntry entry)
    {
        var write = entry.Write(_store);
        write.Clear();
        write.Add(await StatePartitionAsync(entry.TransactionalId), entry.EncodeTombstone(NowMs));
        try
        {
            await write.Enqueue();
        }
        catch (Exception e) when (e is StorageFailedException or DiskFullException)
        {
            return; // later, when there is room; where storage has failed, BrokerHost.StorageFailure tells why
        }

        entry.IsForgotten = true;
        _entries.TryRemove(KeyValuePair.Create(entry.TransactionalId, entry));
    }
}

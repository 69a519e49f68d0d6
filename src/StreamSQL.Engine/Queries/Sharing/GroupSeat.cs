using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Queries.Sharing;

/// <summary>
/// Which generation of its consumer group a query's member is in, for the commits of its groups, which the broker refuses in any other
/// (KIP-447). Thread-safe.
/// </summary>
internal sealed class GroupSeat
{
    private readonly ProgressSignal _moved = new();
    private readonly Lock _sync = new();
    private MemberGeneration _member;
    private bool _isOver;

    /// <summary>The member now.</summary>
    public MemberGeneration Member
    {
        get
        {
            lock (_sync)
                return _member;
        }
    }

    /// <summary>The next generation has begun, of which it is a member.</summary>
    public void Move(MemberGeneration member)
    {
        lock (_sync)
            _member = member;
        _moved.Set();
    }

    /// <summary>No later generation comes: it leaves, or the group has gone on without it. What is refused now stays refused.</summary>
    public void End()
    {
        lock (_sync)
            _isOver = true;
        _moved.Set();
    }

    /// <summary>Whether no later generation comes.</summary>
    public bool IsOver
    {
        get
        {
            lock (_sync)
                return _isOver;
        }
    }

    /// <summary>
    /// Commits as the member. A generation may begin at the broker before the member has heard of it: then the commit is refused whole, and
    /// made again in that one. What the member holds stays its own until it has given it back itself, so that is right.
    /// </summary>
    /// <exception cref="KafkaException">The group has gone on without the member, or what the producer throws; nothing is
    /// visible.</exception>
    public async ValueTask CommitAsync(ITransactionalProducer producer, TransactionContent content)
    {
        var member = Member;
        while (true)
        {
            try
            {
                await producer.CommitAsync(content with { Member = member }, CancellationToken.None);
                return;
            }
            catch (KafkaException refusal) when (
                refusal.Code is ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.RebalanceInProgress)
            {
                member = await AfterAsync(member, refusal);
            }
        }
    }

    /// <summary>The member in a later generation than one in which a commit was refused.</summary>
    private async ValueTask<MemberGeneration> AfterAsync(MemberGeneration refused, KafkaException refusal)
    {
        await _moved.WaitUntilAsync(() => IsOver || Member != refused, CancellationToken.None);
        return Member is var later && later != refused ? later : throw refusal;
    }
}

using System.Text;
using StreamSQL.Broker.Groups;
using StreamSQL.Kafka;

namespace StreamSQL.UnitTests.Broker.Groups;

public class ClassicGroupTests
{
    private const int SessionMs = 10_000;
    private const int RebalanceMs = 60_000;

    private readonly GroupAnswers _answers = new();
    private int _lastId;
    private long _lastTicket;
    private long _now = 1000;

    [Fact]
    public void A_new_dynamic_member_is_asked_to_come_back_with_its_id()
    {
        ClassicGroup group = Group();
        JoinResult first = JoinNow(group, "", requireKnownId: true);
        first.Error.ShouldBe(ErrorCode.MemberIdRequired);

        JoinResult second = JoinNow(group, first.MemberId, requireKnownId: true);
        second.Error.ShouldBe(ErrorCode.None);
        second.Generation.ShouldBe(1);
        second.Leader.ShouldBe(first.MemberId);
        second.Members!.Count.ShouldBe(1);
    }

    [Fact]
    public void The_first_generation_waits_for_more_members()
    {
        ClassicGroup group = Group(initialDelayMs: 3000);
        long a = Join(group, "");
        _now += 2000;
        long b = Join(group, "");
        _answers.Joins.ShouldBeEmpty();
        Tick(group, 1000); // somebody came during the delay, so it waits on
        _answers.Joins.ShouldBeEmpty();
        Tick(group, 3000);

        _answers.Joins.Select(j => j.Ticket).ShouldBe([a, b]);
        _answers.Joins.ShouldAllBe(j => j.Result.Error == ErrorCode.None && j.Result.Generation == 1);
        group.Phase.ShouldBe(GroupPhase.CompletingRebalance);
    }

    [Fact]
    public void The_leader_hands_over_the_assignments()
    {
        (ClassicGroup group, string leader, string other) = StableGroupOfTwo();

        group.Describe().Members.Single(m => m.MemberId == leader).Assignment.ToArray().ShouldBe("for leader"u8.ToArray());
        group.Describe().Members.Single(m => m.MemberId == other).Assignment.ToArray().ShouldBe("for other"u8.ToArray());
        group.Phase.ShouldBe(GroupPhase.Stable);
        Heartbeat(group, other).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void A_third_member_makes_the_others_rejoin()
    {
        (ClassicGroup group, string leader, string other) = StableGroupOfTwo();
        int generation = group.Generation;
        long third = Join(group, "");
        _answers.Joins.ShouldBeEmpty();
        Heartbeat(group, leader).ShouldBe(ErrorCode.RebalanceInProgress);
        Join(group, leader);
        Join(group, other);

        _answers.Joins.Count.ShouldBe(3);
        _answers.Joins.ShouldContain(j => j.Ticket == third && j.Result.Generation == generation + 1);
        _answers.Joins.Count(j => j.Result.Members is not null).ShouldBe(1);
    }

    [Fact]
    public void Who_does_not_rejoin_in_time_is_left_behind()
    {
        (ClassicGroup group, string leader, string other) = StableGroupOfTwo();
        Join(group, "");
        Join(group, leader);
        for (int elapsed = 0; elapsed < RebalanceMs; elapsed += SessionMs / 2)
        {
            _answers.Joins.ShouldBeEmpty();
            Heartbeat(group, other); // alive, but does not rejoin
            Tick(group, SessionMs / 2);
        }

        _answers.Joins.Count.ShouldBe(2);
        Heartbeat(group, other).ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public void A_silent_member_is_removed_when_its_session_ends()
    {
        (ClassicGroup group, string leader, string other) = StableGroupOfTwo();
        Tick(group, SessionMs / 2);
        Heartbeat(group, leader).ShouldBe(ErrorCode.None);
        group.NextDeadlineMs.ShouldBe(_now + (SessionMs / 2));
        Tick(group, SessionMs / 2);

        group.Phase.ShouldBe(GroupPhase.PreparingRebalance);
        Heartbeat(group, other).ShouldBe(ErrorCode.UnknownMemberId);
        Heartbeat(group, leader).ShouldBe(ErrorCode.RebalanceInProgress);
    }

    [Fact]
    public void The_last_member_that_leaves_makes_the_group_empty()
    {
        ClassicGroup group = Group();
        string member = JoinNow(group, "").MemberId;
        group.Leave(member, null, _now, _answers).ShouldBe(ErrorCode.None);

        group.Phase.ShouldBe(GroupPhase.Empty);
        group.IsDeserted.ShouldBeTrue();
        group.NextDeadlineMs.ShouldBe(long.MaxValue);
        group.Leave(member, null, _now, _answers).ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public void A_sync_that_waits_is_told_of_a_rebalance()
    {
        ClassicGroup group = Group();
        string leader = JoinNow(group, "").MemberId;
        Join(group, "");
        Join(group, leader);
        string other = _answers.Joins.Single(j => j.Result.MemberId != leader).Result.MemberId;
        _answers.Clear();
        Sync(group, other);
        _answers.Syncs.ShouldBeEmpty();
        Join(group, "");

        _answers.Syncs.Single().Result.Error.ShouldBe(ErrorCode.RebalanceInProgress);
    }

    [Fact]
    public void A_leader_that_never_syncs_is_given_up()
    {
        ClassicGroup group = Group();
        string leader = JoinNow(group, "").MemberId;
        for (int elapsed = 0; elapsed < RebalanceMs; elapsed += SessionMs / 2)
        {
            Heartbeat(group, leader).ShouldBe(ErrorCode.None);
            Tick(group, SessionMs / 2);
        }

        group.Phase.ShouldBe(GroupPhase.Empty);
    }

    [Fact]
    public void A_static_member_that_comes_back_does_not_rebalance_and_fences_its_former_self()
    {
        ClassicGroup group = Group();
        JoinResult first = JoinNow(group, "", instance: "i1");
        Sync(group, first.MemberId, (first.MemberId, "mine"));
        _answers.Clear();
        JoinResult again = JoinNow(group, "", instance: "i1", canSkip: true);

        again.Error.ShouldBe(ErrorCode.None);
        again.MemberId.ShouldNotBe(first.MemberId);
        again.Generation.ShouldBe(first.Generation);
        again.SkipAssignment.ShouldBeTrue();
        group.Phase.ShouldBe(GroupPhase.Stable);
        group.Heartbeat(new GroupIdentity(first.MemberId, "i1", first.Generation), _now).ShouldBe(ErrorCode.FencedInstanceId);
        Sync(group, again.MemberId);
        _answers.Syncs.Single().Result.Assignment.ToArray().ShouldBe("mine"u8.ToArray());
    }

    [Fact]
    public void A_static_member_with_another_subscription_rebalances()
    {
        ClassicGroup group = Group();
        JoinResult first = JoinNow(group, "", instance: "i1");
        Sync(group, first.MemberId);
        _answers.Clear();

        JoinNow(group, "", instance: "i1", subscription: "other").Generation.ShouldBe(first.Generation + 1);
    }

    [Fact]
    public void The_assignor_that_most_prefer_wins_among_those_that_all_support()
    {
        ClassicGroup group = Group(initialDelayMs: 100);
        Join(group, "", protocols: ["range", "sticky"]);
        Join(group, "", protocols: ["sticky", "range"]);
        Join(group, "", protocols: ["private", "sticky", "range"]);
        Tick(group, 100);
        Tick(group, 100);

        _answers.Joins.Count.ShouldBe(3);
        _answers.Joins.ShouldAllBe(j => j.Result.ProtocolName == "sticky");
    }

    [Fact]
    public void A_member_that_shares_no_assignor_is_refused()
    {
        ClassicGroup group = Group();
        JoinNow(group, "");
        Join(group, "", protocols: ["unknown"]);

        _answers.Joins.Single().Result.Error.ShouldBe(ErrorCode.InconsistentGroupProtocol);
    }

    [Fact]
    public void Commits_are_fenced_by_member_and_generation()
    {
        ClassicGroup empty = Group();
        empty.CheckCommit(new GroupIdentity("", null, -1), transactional: false, _now).ShouldBe(ErrorCode.None);
        (ClassicGroup group, string leader, _) = StableGroupOfTwo();
        int generation = group.Generation;

        group.CheckCommit(new GroupIdentity(leader, null, generation), transactional: false, _now).ShouldBe(ErrorCode.None);
        group.CheckCommit(new GroupIdentity(leader, null, generation - 1), transactional: true, _now).ShouldBe(ErrorCode.IllegalGeneration);
        group.CheckCommit(new GroupIdentity("stranger", null, generation), transactional: false, _now).ShouldBe(ErrorCode.UnknownMemberId);
        group.CheckCommit(new GroupIdentity("", null, -1), transactional: false, _now).ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public void Absurd_session_timeouts_and_too_many_members_are_refused()
    {
        ClassicGroup group = new("g", new GroupOptions { MaxSize = 1, InitialRebalanceDelay = TimeSpan.Zero },
            prefix => prefix + ++_lastId);
        Join(group, "", sessionMs: 1);
        _answers.Joins.Single().Result.Error.ShouldBe(ErrorCode.InvalidSessionTimeout);
        _answers.Clear();
        JoinNow(group, "");
        Join(group, "");
        _answers.Joins.Single().Result.Error.ShouldBe(ErrorCode.GroupMaxSizeReached);
    }

    private ClassicGroup Group(int initialDelayMs = 0) =>
        new("g", new GroupOptions { InitialRebalanceDelay = TimeSpan.FromMilliseconds(initialDelayMs) }, prefix => $"{prefix}-{++_lastId}");

    private (ClassicGroup Group, string Leader, string Other) StableGroupOfTwo()
    {
        ClassicGroup group = Group();
        string leader = JoinNow(group, "").MemberId;
        Join(group, "");
        Join(group, leader);
        string other = _answers.Joins.Single(j => j.Result.MemberId != leader).Result.MemberId;
        Sync(group, other);
        Sync(group, leader, (leader, "for leader"), (other, "for other"));
        _answers.Syncs.ShouldAllBe(s => s.Result.Error == ErrorCode.None);
        _answers.Syncs.Count.ShouldBe(2);
        _answers.Clear();
        return (group, leader, other);
    }

    private long Join(
        ClassicGroup group, string memberId, bool requireKnownId = false, string? instance = null, bool canSkip = false,
        string subscription = "topics", string[]? protocols = null, int sessionMs = SessionMs)
    {
        List<GroupProtocol> supported =
            [.. (protocols ?? ["range"]).Select(p => new GroupProtocol(p, Encoding.UTF8.GetBytes(subscription)))];
        group.Join(
            new JoinCommand(
                ++_lastTicket, memberId, instance, "client", "/host", RebalanceMs, sessionMs, "consumer", supported,
                requireKnownId, canSkip),
            _now, _answers);
        return _lastTicket;
    }

    private JoinResult JoinNow(
        ClassicGroup group, string memberId, bool requireKnownId = false, string? instance = null, bool canSkip = false,
        string subscription = "topics")
    {
        long ticket = Join(group, memberId, requireKnownId, instance, canSkip, subscription);
        JoinResult result = _answers.Joins.Single(j => j.Ticket == ticket).Result;
        _answers.Clear();
        return result;
    }

    private void Sync(ClassicGroup group, string memberId, params (string Member, string Assignment)[] assignments) =>
        group.Sync(
            new SyncCommand(
                ++_lastTicket, new GroupIdentity(memberId, null, group.Generation), "consumer", null,
                assignments.ToDictionary(a => a.Member, a => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(a.Assignment))),
            _now, _answers);

    private ErrorCode Heartbeat(ClassicGroup group, string memberId) =>
        group.Heartbeat(new GroupIdentity(memberId, null, group.Generation), _now);

    private void Tick(ClassicGroup group, int elapsedMs)
    {
        _now += elapsedMs;
        group.Tick(_now, _answers);
    }
}

using StreamSQL.Engine.Queries.Sharing;

namespace StreamSQL.UnitTests.Engine.Queries.Sharing;

public class SlotAssignorTests
{
    private static readonly Guid A = new("00000000-0000-0000-0000-00000000000a");
    private static readonly Guid B = new("00000000-0000-0000-0000-00000000000b");
    private static readonly Guid C = new("00000000-0000-0000-0000-00000000000c");

    [Fact]
    public void One_that_is_alone_gets_everything()
    {
        Divide(("a", new(A, 1, 4, []))).ShouldBe("a: 0 1 2 3");
    }

    [Fact]
    public void What_is_held_is_taken_from_its_holder_first_and_given_on_in_the_next_generation()
    {
        Divide(("a", new(A, 1, 4, [0, 1, 2, 3])), ("b", new(B, 1, 4, []))).ShouldBe("a: 0 1; b: ");
        Divide(("a", new(A, 1, 4, [0, 1])), ("b", new(B, 1, 4, []))).ShouldBe("a: 0 1; b: 2 3");
    }

    [Fact]
    public void Whoever_leaves_is_replaced_and_the_others_keep_what_they_have()
    {
        Divide(("a", new(A, 1, 4, [1, 3])), ("b", new(B, 1, 4, []))).ShouldBe("a: 1 3; b: 0 2");
        Divide(("b", new(B, 1, 4, [0, 2]))).ShouldBe("b: 0 1 2 3");
    }

    [Fact]
    public void Who_knows_the_query_as_it_was_before_gets_nothing_and_what_it_holds_nobody_gets()
    {
        Divide(("a", new(A, 1, 4, [0, 1])), ("b", new(B, 2, 4, []))).ShouldBe("a: ; b: 2 3");
        Divide(("a", new(A, 1, 8, [5])), ("b", new(B, 2, 3, []))).ShouldBe("a: ; b: 0 1 2");
    }

    [Fact]
    public void What_two_say_that_they_hold_neither_keeps()
    {
        Divide(("a", new(A, 1, 2, [0])), ("b", new(B, 1, 2, [0, 1]))).ShouldBe("a: ; b: 1");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void However_members_come_and_go_nothing_is_given_twice_and_shares_come_out_even(int seed)
    {
        var random = new Random(seed);
        Guid[] engines = [A, B, C];
        var held = new Dictionary<Guid, List<int>>();
        for (var step = 0; step < 300; step++)
        {
            var engine = engines[random.Next(engines.Length)];
            if (!held.Remove(engine))
                held.Add(engine, []);
            const int Slots = 7;
            for (var generation = 0; generation < 3; generation++)
            {
                var shares = SlotAssignor.Divide("q", [.. held.Select(pair => Member(pair.Key, Slots, pair.Value))]);
                foreach (var (id, share) in shares)
                {
                    var others = held.Where(pair => pair.Key.ToString() != id).SelectMany(static pair => pair.Value);
                    share.Intersect(others).ShouldBeEmpty(); // nobody is given what another one has not given back
                    held[Guid.Parse(id)] = [.. share];
                }
            }

            held.Values.SelectMany(static share => share).Order().ShouldBe(held.Count == 0 ? [] : Enumerable.Range(0, Slots));
            if (held.Count > 0)
                (held.Values.Max(static share => share.Count) - held.Values.Min(static share => share.Count)).ShouldBeLessThan(2);
        }
    }

    [Fact]
    public void Queries_of_one_group_are_spread_over_the_engines()
    {
        var first = Enumerable.Range(0, 100).Count(static query => SlotAssignor.Divide(
            $"CSAS_S_{query}", [new("a", new(A, 1, 1, [])), new("b", new(B, 1, 1, []))])["a"].Count > 0);

        first.ShouldBeInRange(25, 75);
    }

    [Fact]
    public void What_members_tell_and_are_told_is_read_back()
    {
        var member = new ShareMember(A, 42, 4, [1, 3]);
        var read = ShareCodec.DecodeSubscription(ShareCodec.EncodeSubscription(["orders", "orders", "rates"], member)).ShouldNotBeNull();

        (read.Engine, read.Version, read.Slots).ShouldBe((A, 42, 4));
        read.Held.ShouldBe([1, 3]);
        ShareCodec.DecodeAssignment(ShareCodec.EncodeAssignment([new("orders", 1), new("orders", 0), new("rates", 1)], [1, 3]))
            .ShouldBe([1, 3]);
        ShareCodec.DecodeAssignment(default).ShouldBeEmpty();
    }

    [Fact]
    public void A_member_that_is_none_of_ours_is_left_out()
    {
        var bytes = ShareCodec.EncodeSubscription(["orders"], new ShareMember(A, 42, 4, [1, 3]));
        for (var length = 0; length < bytes.Length; length++)
            ShareCodec.DecodeSubscription(bytes.AsMemory(0, length)).ShouldBeNull();
        ShareCodec.DecodeSubscription(new byte[] { 0, 0, 0, 0, 0, 0, 255, 255, 255, 255 }).ShouldBeNull();
    }

    private static KeyValuePair<string, ShareMember> Member(Guid engine, int slots, IReadOnlyList<int> held) =>
        new(engine.ToString(), new ShareMember(engine, 1, slots, held));

    private static string Divide(params (string Id, ShareMember Member)[] members)
    {
        var shares = SlotAssignor.Divide("q", [.. members.Select(static member => KeyValuePair.Create(member.Id, member.Member))]);
        return string.Join("; ", shares.OrderBy(static share => share.Key).Select(
            static share => $"{share.Key}: {string.Join(' ', share.Value)}"));
    }
}

using StreamSQL.Engine.State;

namespace StreamSQL.UnitTests.Engine.State;

public class TouchedSlotsTests
{
    private const int Rounds = 200;

    [Theory]
    [InlineData(5_000)]
    [InlineData(400_000)]
    public void It_holds_what_a_dictionary_would(int most)
    {
        var random = new Random(3);
        var touched = new TouchedSlots();
        var expected = new Dictionary<int, int>();
        for (var round = 1; round <= Rounds; round++)
        {
            var known = most / Rounds * round;
            touched.EnsureSlots(known);
            int[] slots = [.. Enumerable.Range(0, random.Next(300)).Select(_ => random.Next(known))];
            int[] fresh = [.. slots.Where(slot => !expected.ContainsKey(slot)).Distinct()];

            touched.Touch(slots).ShouldBe(fresh.Length);

            touched.Slots[^fresh.Length..].ToArray().ShouldBe(fresh);
            for (var i = 0; i < fresh.Length; i++)
            {
                expected[fresh[i]] = random.Next(5) == 0 ? TouchedSlots.Created : random.Next();
                touched.SetPreImage(touched.Count - fresh.Length + i, expected[fresh[i]]);
            }

            touched.Count.ShouldBe(expected.Count);
            for (var i = 0; i < 1000; i++)
            {
                var slot = random.Next(known);
                touched.Contains(slot).ShouldBe(expected.ContainsKey(slot));
            }

            expected.ShouldAllBe(entry => touched.PreImageOf(entry.Key) == entry.Value);
            if (random.Next(8) > 0)
                continue;
            touched.Clear();
            expected.Clear();
        }
    }

    [Fact]
    public void Slots_of_a_large_table_that_are_not_touched_take_a_bit()
    {
        var touched = new TouchedSlots();

        touched.EnsureSlots(8_000_000);
        touched.Touch([7_999_999]);

        touched.MemoryBytes.ShouldBeLessThan(1_001_000);
    }

    [Theory]
    [InlineData(1 << 18)]
    [InlineData(3_000_000)]
    public void What_a_large_commit_took_is_not_kept(int known)
    {
        var touched = new TouchedSlots();
        touched.EnsureSlots(known);
        var before = touched.MemoryBytes;
        for (var round = 0; round < 2; round++)
        {
            for (var from = 0; from < 300_000; from += 1000)
            {
                touched.Touch([.. Enumerable.Range(from, 1000).Select(slot => slot % known)]);
                touched.SetPreImage(touched.Count - 1, from);
            }

            touched.PreImageOf(999).ShouldBe(0);
            touched.Clear();
            touched.MemoryBytes.ShouldBeLessThan(before + 1000);
            touched.Contains(999).ShouldBeFalse();
        }
    }
}

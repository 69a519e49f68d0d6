using StreamSQL.Engine.State;

namespace StreamSQL.UnitTests.Engine.State;

public class GroupTimesTests
{
    private const int Slots = 300;
    private const long Day = 24L * 60 * 60 * 1000;

    [Theory]
    [InlineData(1_700_000_000_000, Day, true)]
    [InlineData(1_700_000_000_000, 40 * Day, false)]
    [InlineData(-5, 1000, true)]
    [InlineData(long.MaxValue - 1000, 1000, false)]
    [InlineData(long.MinValue + 1, 1000, false)]
    public void It_holds_what_an_array_would(long from, long range, bool isShort)
    {
        var random = new Random(5);
        var times = new GroupTimes();
        times.EnsureSlots(Slots);
        var expected = Enumerable.Repeat(long.MinValue, Slots).ToArray();
        var read = new long[Slots];
        for (var round = 0; round < 500; round++)
        {
            int[] slots = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(Slots))];
            long[] values = [.. slots.Select(_ => random.Next(20) == 0 ? long.MinValue : from + random.NextInt64(range))];
            Change(times, expected, slots, values, random.Next(6));

            times.Read([.. Enumerable.Range(0, Slots)], read);
            read.ShouldBe(expected);
        }

        times.MemoryBytes.ShouldBe((isShort ? 4 : 8) * Slots);
    }

    [Fact]
    public void A_table_that_begins_anew_has_short_times_again()
    {
        var times = new GroupTimes();
        times.EnsureSlots(10);
        times[3] = 0;
        times[4] = 100 * Day;
        times.MemoryBytes.ShouldBe(80);

        times.Reset(5);
        times[3].ShouldBe(long.MinValue);
        times[4] = 200 * Day;

        times[4].ShouldBe(200 * Day);
        times.MemoryBytes.ShouldBe(40);
    }

    private static void Change(GroupTimes times, long[] expected, int[] slots, long[] values, int way)
    {
        switch (way)
        {
            case 0:
                times[slots[0]] = expected[slots[0]] = values[0];
                break;
            case 1:
                times.Clear(slots[0], Math.Min(3, Slots - slots[0]));
                expected.AsSpan(slots[0], Math.Min(3, Slots - slots[0])).Fill(long.MinValue);
                break;
            case 2:
                expected[slots[0]] = Math.Max(expected[slots[0]], values[0]);
                times.Raise(slots[0], values[0]).ShouldBe(expected[slots[0]]);
                break;
            default:
                times.Raise(slots, values);
                for (var i = 0; i < slots.Length; i++)
                    expected[slots[i]] = Math.Max(expected[slots[i]], values[i]);
                break;
        }
    }
}

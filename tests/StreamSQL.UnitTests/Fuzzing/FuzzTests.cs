namespace StreamSQL.UnitTests.Fuzzing;

public sealed class FuzzTests
{
    public static TheoryData<string, string> Kept
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string target, string file) in FuzzFailures.All)
                data.Add(target, file);
            return data;
        }
    }

    [Fact]
    public void Every_decoder_keeps_the_rules()
    {
        var run = new FuzzRun(20261127, FuzzTargets.All);

        run.Run(30_000, threads: 2);

        string.Join('\n', run.Failures.Select(static f => $"{f.Target}: {Convert.ToHexString(f.Input)}: {f.What}")).ShouldBeEmpty();
        run.Accepted.ShouldBeGreaterThan(5_000);
    }

    [Fact]
    public void Every_decoder_accepts_its_seeds()
    {
        // some cases are errors
        foreach (FuzzTarget target in FuzzTargets.All.Where(static t => !t.Name.StartsWith("sql-", StringComparison.Ordinal)))
            target.Seeds.Count(target.Accepts)
                .ShouldBeGreaterThanOrEqualTo(target.Name == "postgres-parameter" ? target.Seeds.Count / 7 : target.Seeds.Count,
                    target.Name);
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_once_broke_a_rule_breaks_none_now(string target, string file)
    {
        FuzzTarget decoder = FuzzTargets.All.Single(t => t.Name == target);
        byte[] input = FuzzFailures.Read(file);
        new FuzzRun(0, [decoder]).Check(decoder, input)?.StartsWith("threw", StringComparison.Ordinal).ShouldBeFalse();

        new FuzzRun(0, [decoder]).Check(decoder, input).ShouldBeNull();
    }

    [Fact]
    public void The_rules_bite()
    {
        static string? Check(Action<byte[]> decode)
        {
            var target = new FuzzTarget("planted", static () => [[1, 2, 3]], decode, typeof(FormatException));
            return new FuzzRun(1, [target]).Check(target, [1, 2, 3]);
        }

        Check(static _ => throw new FormatException()).ShouldBeNull();
        Check(static _ => throw new OverflowException()).ShouldNotBeNull().ShouldStartWith("threw System.OverflowException");
        Check(static _ => GC.KeepAlive(new byte[2 * 1024 * 1024])).ShouldNotBeNull().ShouldStartWith("allocated");
        Check(static _ => SpinWait.SpinUntil(static () => false, TimeSpan.FromSeconds(1.1))).ShouldNotBeNull().ShouldStartWith("took");
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        foreach (FuzzTarget target in FuzzTargets.All.Take(4))
        {
            for (long i = 0; i < 50; i++)
                new FuzzRun(5, [target]).Input(target, i).ShouldBe(new FuzzRun(5, FuzzTargets.All).Input(target, i));
        }
    }
}

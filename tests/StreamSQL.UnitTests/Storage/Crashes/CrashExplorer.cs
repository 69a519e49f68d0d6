using System.Diagnostics;
using System.Security.Cryptography;
using StreamSQL.Storage.Files;

namespace StreamSQL.UnitTests.Storage.Crashes;

/// <summary>
/// Cuts the power at every file operation of a scenario, once for each way in which what was not flushed can be left, recovers each disk,
/// and at some of them cuts the power again at every operation of the recovery. Disks that were seen before, with as much acknowledged, are
/// not counted again.
/// </summary>
internal sealed class CrashExplorer(int seed)
{
    private const int RandomCuts = 2;
    private const int NestedEvery = 101;
    private static readonly Survival[] Ways = [Survival.None, Survival.All];
    private readonly HashSet<(UInt128 Disk, long Acknowledged)> _seen = [];

    /// <summary>Different states that were recovered.</summary>
    public long States { get; private set; }

    /// <summary>Those of them that a crash of a recovery left.</summary>
    public long NestedStates { get; private set; }

    /// <summary>Operations at which the power was cut.</summary>
    public long Points { get; private set; }

    /// <summary>The longest recovery, with its check.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>Explores a scenario until it ends or so many states have been seen in all.</summary>
    public void Explore(CrashScenario scenario, int scenarioSeed, long maxStates)
    {
        var disk = new MemoryFileSystem();
        var random = new Random(HashCode.Combine(seed, scenarioSeed));
        var point = 0;
        disk.Fault = (operation, path) =>
        {
            if (operation == FileOperation.Read || States >= maxStates)
                return null;
            Points++;
            point++;
            var expectation = scenario.Expect();
            foreach (var rules in CutsAt(random))
                Visit(disk, rules, expectation, random, $"{scenario.Name} seed {scenarioSeed}, operation {point} ({operation} {path})",
                    isNested: false);
            return null;
        };
        scenario.Run(disk, new Random(scenarioSeed));
        disk.Fault = null;
        Visit(disk, new PowerCutRules(Survival.None, Survival.None), scenario.Expect(), random,
            $"{scenario.Name} seed {scenarioSeed}, the end", false);
    }

    private static IEnumerable<PowerCutRules> CutsAt(Random random)
    {
        foreach (var names in Ways)
        {
            foreach (var data in Ways)
                yield return new PowerCutRules(names, data);
        }

        yield return new PowerCutRules(Survival.All, Survival.LengthOnly);
        for (var i = 0; i < RandomCuts; i++)
            yield return new PowerCutRules((Survival)random.Next(4), (Survival)random.Next(4), random);
    }

    private void Visit(
        MemoryFileSystem disk, PowerCutRules rules, IExpectation expectation, Random random, string where, bool isNested)
    {
        var cut = disk.PowerCut(rules);
        if (!_seen.Add((Fingerprint(cut), expectation.Acknowledged)))
            return;
        States++;
        NestedStates += isNested ? 1 : 0;
        where = $"{where}, names {rules.Names}, data {rules.Data}";
        if (!isNested && States % NestedEvery == 0)
            VisitRecovery(cut, expectation, random, where);
        Recover(() => expectation.CheckAndGoOn(cut), where);
    }

    /// <summary>Cuts the power at every operation of a recovery.</summary>
    private void VisitRecovery(MemoryFileSystem cut, IExpectation expectation, Random random, string where)
    {
        var disk = cut.PowerCut(new PowerCutRules(Survival.All, Survival.All));
        var point = 0;
        disk.Fault = (operation, path) =>
        {
            if (operation == FileOperation.Read)
                return null;
            var at = $"{where}, then operation {++point} ({operation} {path}) of the recovery";
            Visit(disk, new PowerCutRules(Survival.None, Survival.None), expectation, random, at, isNested: true);
            Visit(disk, new PowerCutRules((Survival)random.Next(4), (Survival)random.Next(4), random), expectation, random, at,
                isNested: true);
            return null;
        };
        Recover(() => expectation.Check(disk), where);
    }

    private void Recover(Action check, string where)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            check();
        }
        catch (Exception e) when (e is not CrashStateException)
        {
            throw new CrashStateException($"{where}: {e.Message}", e);
        }

        var took = Stopwatch.GetElapsedTime(started);
        if (took > Longest)
            Longest = took;
    }

    private static UInt128 Fingerprint(MemoryFileSystem disk)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in disk.AllFiles)
        {
            using var file = disk.Open(path, FileOpening.Read);
            var bytes = new byte[file.Length];
            file.Read(bytes, 0);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(path));
            hash.AppendData(BitConverter.GetBytes(bytes.LongLength));
            hash.AppendData(bytes);
        }

        return BitConverter.ToUInt128(hash.GetHashAndReset());
    }
}

/// <summary>A state that was not recovered as it should have been.</summary>
internal sealed class CrashStateException(string message, Exception inner) : Exception(message, inner);

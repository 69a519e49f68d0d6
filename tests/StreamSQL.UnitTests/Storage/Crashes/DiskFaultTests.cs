using StreamSQL.Storage.Files;

namespace StreamSQL.UnitTests.Storage.Crashes;

/// <summary>Every operation of a scenario fails once, for good or for lack of space, and every kind of file rots.</summary>
public class DiskFaultTests
{
    private const int NoSpace = 28;
    private const int InputOutputError = 5;

    public static TheoryData<int, string> Kinds() =>
        [.. Enumerable.Range(0, CrashScenarios.Count - 1).Select(static kind => (kind, CrashScenarios.Of(kind).Name))];

    /// <summary>
    /// After it, what was acknowledged is there whether the power goes or not, and what had failed was never acknowledged.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_operation_may_fail(int kind, string name)
    {
        var operations = CountOperations(kind);
        for (var n = 1; n <= operations; n++)
            RunWithFault(kind, name, n, failures: 1, InputOutputError);
    }

    /// <summary>After it, work goes on where space has come back.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_disk_may_be_full_at_any_operation(int kind, string name)
    {
        var operations = CountOperations(kind);
        for (var n = 1; n <= operations; n++)
            RunWithFault(kind, name, n, failures: 1 + (n % 5), NoSpace);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(6, true)]
    public void Any_byte_of_any_file_may_rot(int kind, bool clean)
    {
        var disk = new MemoryFileSystem();
        var scenario = (StoreScenario)CrashScenarios.Of(kind);
        scenario.Run(disk, new Random(3));
        if (clean)
            scenario.OpensDamaged(disk = disk.PowerCut(), mayLoseEnds: false).ShouldBeTrue();
        disk = disk.PowerCut(new PowerCutRules(Survival.All, Survival.All));
        var opened = new Dictionary<string, int>();
        foreach (var path in disk.AllFiles)
        {
            var extension = path[(path.LastIndexOf('.') + 1)..];
            var step = path.Contains("/journal/", StringComparison.Ordinal) ? 97 : 11;
            for (var at = 0L; at < Length(disk, path); at += step)
            {
                var rotten = disk.PowerCut();
                Flip(rotten, path, at);
                if (Checked(scenario, rotten, path, at))
                    opened[extension] = opened.GetValueOrDefault(extension) + 1;
            }
        }

        opened.ShouldContainKey("log"); // segments and indexes never keep a store from opening
        opened.ShouldContainKey("index");
    }

    private static bool Checked(StoreScenario scenario, MemoryFileSystem rotten, string path, long at)
    {
        try
        {
            var opens = scenario.OpensDamaged(rotten, mayLoseEnds: path.Contains("/journal/", StringComparison.Ordinal));
            var mustOpen = path.EndsWith(".log", StringComparison.Ordinal) || path.EndsWith(".index", StringComparison.Ordinal)
                || path.Contains("/leader-epochs", StringComparison.Ordinal);
            return opens || !mustOpen ? opens : throw new InvalidOperationException("It was not opened.");
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"'{path}', byte {at}: {e.Message}", e);
        }
    }

    private static int CountOperations(int kind)
    {
        var disk = new MemoryFileSystem();
        var operations = 0;
        disk.Fault = (operation, _) =>
        {
            operations += operation == FileOperation.Read ? 0 : 1;
            return null;
        };
        CrashScenarios.Of(kind).Run(disk, new Random(2));
        return operations;
    }

    private static void RunWithFault(int kind, string name, int n, int failures, int errno)
    {
        var disk = new MemoryFileSystem();
        var scenario = CrashScenarios.Of(kind);
        var at = 0;
        var what = "";
        disk.Fault = (operation, path) =>
        {
            if (operation == FileOperation.Read || ++at < n || at >= n + failures)
                return null;
            what = $"{operation} {path}";
            return new IOException("injected", errno);
        };
        try
        {
            scenario.Run(disk, new Random(2));
            disk.Fault = null;
            scenario.Expect().CheckAndGoOn(disk.PowerCut());
            scenario.Expect().CheckAndGoOn(disk.PowerCut(new PowerCutRules(Survival.All, Survival.All)));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{name}, operation {n} ({what}), errno {errno} {failures} times: {e.Message}", e);
        }
    }

    private static long Length(MemoryFileSystem disk, string path)
    {
        using var file = disk.Open(path, FileOpening.Read);
        return file.Length;
    }

    private static void Flip(MemoryFileSystem disk, string path, long at)
    {
        using var file = disk.Open(path, FileOpening.Write);
        Span<byte> one = stackalloc byte[1];
        file.Read(one, at);
        one[0] ^= (byte)(1 << (int)(at % 8));
        file.Write(one, at);
        file.FlushData();
    }
}

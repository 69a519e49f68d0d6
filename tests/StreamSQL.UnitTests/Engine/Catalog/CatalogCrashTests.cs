using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Crashes;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Catalog;

/// <summary>
/// Changes of the catalog and rows over power cuts: a statement that was answered has had its effect
/// after the restart, one that was not may have.
/// </summary>
public sealed class CatalogCrashTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_a_statement_changed_is_there_after_a_power_cut_at_any_file_operation(int seed)
    {
        var disk = new MemoryFileSystem();
        CrashBook book;
        var keys = new HashSet<string>();
        await using (EngineHarness engine = await EngineHarness.StartAsync(disk))
        {
            book = new CrashBook(disk, seed, every: 8);
            for (int round = 1; round <= 3; round++)
            {
                await StepAsync($"SHOW STREAMS S{round}", "there",
                    $"CREATE STREAM S{round} (K INT KEY, V VARCHAR) WITH (KAFKA_TOPIC='s{round}', PARTITIONS=2, VALUE_FORMAT='JSON');");
                await StepAsync($"SELECT V FROM S{round} WHERE K = 1; a", "there", $"INSERT INTO S{round} VALUES (1, 'a');");
                await StepAsync($"SHOW TABLES T{round}", "there",
                    $"CREATE TABLE T{round} AS SELECT K, COUNT(*) AS N FROM S{round} GROUP BY K EMIT CHANGES;");
                await StepAsync($"SHOW TYPES Y{round}", "there", $"CREATE TYPE Y{round} AS STRUCT<A INT>;");
                await StepAsync($"SHOW TABLES T{round}", "", $"DROP TABLE T{round};");
                await StepAsync($"SHOW TYPES Y{round}", "", $"DROP TYPE Y{round};");
            }

            async Task StepAsync(string key, string value, string statement)
            {
                keys.Add(key);
                await book.StepAsync(key, value, () => engine.RunAsync(statement));
            }
        }

        book.Cuts.Count.ShouldBeGreaterThan(15);
        foreach (CrashCut cut in book.Cuts)
            await CheckAsync(cut, keys).WaitAsync(Patience).ContinueWith(done => done.Exception?.InnerException is TimeoutException
                ? throw new TimeoutException($"The engine does not start after a power cut at {cut.Name}.") : done,
                TaskScheduler.Default).Unwrap();
    }

    private static async Task CheckAsync(CrashCut cut, IEnumerable<string> keys)
    {
        await using EngineHarness after = await EngineHarness.StartAsync(cut.Disk);
        var found = new Dictionary<string, string>();
        foreach (string key in keys)
            found[key] = await FindAsync(after, key);
        cut.Check(key => found[key], keys);
    }

    private static async Task<string> FindAsync(EngineHarness engine, string key)
    {
        int lastWord = key.LastIndexOf(' ');
        string wanted = key[(lastWord + 1)..];
        string statement = key[..lastWord];
        if (!statement.EndsWith(';'))
            return (await engine.RunAsync(statement + ";")).Exists(row => row.Split('|').Contains(wanted)) ? "there" : "";
        string source = statement.Split(' ')[3];
        bool exists = (await engine.RunAsync("SHOW STREAMS;")).Exists(row => row.Split('|').Contains(source));
        return exists && (await engine.RunAsync(statement)).Contains(wanted) ? "there" : "";
    }
}

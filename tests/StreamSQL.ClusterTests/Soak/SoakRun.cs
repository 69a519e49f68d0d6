using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using StreamSQL.ClusterTests.Support;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ClusterTests.Soak;

/// <summary>A server under a constant load for some minutes.</summary>
internal sealed class SoakRun : IAsyncDisposable
{
    private const int Keys = 5_000;
    private const int Groups = 100;
    private const int BurstRows = 400_000;
    private const int BatchRows = 1_000;
    private const double Share = 0.7;
    private const double MaxSlope = 1;
    private const double MaxPullRatio = 10;
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _warmUp = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryDirectory _directory;
    private readonly ServerProcess _server;
    private readonly TcpBrokerClient _client;
    private readonly Random _random = new(1);
    private readonly List<string> _anomalies = [];
    private readonly LatencyProbe _pulls = new(
        "SELECT n FROM by_id_0 WHERE id = $1", static () => string.Create(CultureInfo.InvariantCulture, $"k{Random.Shared.Next(Keys)}"));

    private readonly LatencyProbe _constants = new("SELECT 1", null);
    private readonly EchoProbe _echo = new();
    private readonly long[] _filtered = new long[SoakQueries.OfEachKind];
    private readonly long[] _joined = new long[SoakQueries.OfEachKind];
    private readonly List<(double Minutes, double MebiBytes)> _memory = [];
    private long _sent;

    private SoakRun(TemporaryDirectory directory, ServerProcess server)
    {
        (_directory, _server) = (directory, server);
        var options = new TcpClientOptions { Bootstrap = [new DnsEndPoint(server.Kafka.Address.ToString(), server.Kafka.Port)],
            RequestTimeout = TimeSpan.FromSeconds(20) };
        _client = new TcpBrokerClient(options, TimeProvider.System);
    }

    /// <summary>What it has shown, in figures.</summary>
    public string Figures { get; private set; } = "";

    /// <summary>Starts a server and its queries.</summary>
    public static async Task<SoakRun> StartAsync()
    {
        var directory = new TemporaryDirectory();
        var server = await ServerProcess.StartAsync(directory.Path);
        await server.ExecuteAsync(SoakQueries.Statements);
        return new SoakRun(directory, server);
    }

    /// <summary>Measures, then loads the server; what is wrong.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(TimeSpan duration, Action<string> tell)
    {
        await MeasureAsync(); // also warms up
        var most = await MeasureAsync();
        var rate = most * Share;
        tell(string.Create(CultureInfo.InvariantCulture, $"soak: keeps up with {most:N0} rows/s; now {rate:N0} rows/s"));
        using var stop = new CancellationTokenSource();
        var watching = Task.WhenAll(
            _pulls.RunAsync(_server, stop.Token), _constants.RunAsync(_server, stop.Token), _echo.RunAsync(stop.Token),
            WatchMemoryAsync(stop.Token));
        await LoadAsync(rate, duration);
        await stop.CancelAsync();
        await watching;
        var behind = Stopwatch.GetTimestamp();
        await SettleAsync();
        var settled = Stopwatch.GetElapsedTime(behind);
        await CheckQueriesAsync();
        Judge(duration, most, rate, settled);
        return _anomalies;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _server.Dispose();
        _directory.Dispose();
    }

    /// <summary>Rows a second from a burst until the last query has counted it.</summary>
    private async Task<double> MeasureAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await SendAsync(BurstRows);
        await SettleAsync();
        return BurstRows / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private async Task LoadAsync(double rate, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        long sent = 0;
        while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < duration)
        {
            var due = (long)(elapsed.TotalSeconds * rate) - sent;
            await SendAsync((int)due);
            sent += due;
            await Task.Delay(_tick);
        }
    }

    private async Task SendAsync(int rows)
    {
        var partitions = Enumerable.Range(0, SoakQueries.Partitions).Select(static _ => new RecordBatchBuilder()).ToArray();
        for (var left = rows; left > 0; left -= BatchRows)
        {
            foreach (var builder in partitions)
                builder.Reset();
            for (var i = 0; i < Math.Min(left, BatchRows); i++)
                Append(partitions);
            await Task.WhenAll(partitions.Select((builder, partition) => builder.Count == 0
                ? Task.CompletedTask : _client.ProduceAsync(new TopicPartition("events", partition), builder.Build(),
                    CancellationToken.None).AsTask()));
        }

        _sent += Math.Max(0, rows);
        foreach (var builder in partitions)
            builder.Dispose();
    }

    private void Append(RecordBatchBuilder[] partitions)
    {
        var (id, v) = (_random.Next(Keys), _random.Next(1000));
        if (v % 10 < SoakQueries.OfEachKind)
        {
            _filtered[v % 10]++;
            _joined[v % 10] += SoakQueries.IsPerson(id) ? 1 : 0;
        }

        var key = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"k{id}"));
        var value = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $$"""{"G":"g{{_random.Next(Groups)}}","V":{{v}}}"""));
        partitions[KeyPartitioner.PartitionOf(key, partitions.Length)].Append(key, true, value, true,
            DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    /// <summary>Waits until every counting table has counted what was sent.</summary>
    private async Task SettleAsync()
    {
        foreach (var table in SoakQueries.Counting)
        {
            if (await _server.SettlesAtAsync($"SELECT SUM(n) FROM {table}", [string.Create(CultureInfo.InvariantCulture, $"{_sent}")],
                _patience) is { } answer)
                _anomalies.Add($"{table} has counted {string.Join(' ', answer)} of {_sent} rows");
        }
    }

    /// <summary>No query may have failed, left out a row, or written another number of rows than it should.</summary>
    private async Task CheckQueriesAsync()
    {
        var faults = await _server.ReadAsync(
            "SELECT id, status, bad_rows, late_rows, last_error FROM streamsql.queries "
            + "WHERE status <> 'RUNNING' OR bad_rows > 0 OR late_rows > 0 OR last_error IS NOT NULL");
        _anomalies.AddRange(faults.Select(static fault => $"a query has failed or left out rows: {fault}"));
        _anomalies.AddRange(_pulls.Errors.Concat(_constants.Errors));
        for (var i = 0; i < SoakQueries.OfEachKind; i++)
        {
            await CheckRowsOutAsync($"FILTERED_{i}", _filtered[i]);
            await CheckRowsOutAsync($"JOINED_{i}", _joined[i]);
        }
    }

    private async Task CheckRowsOutAsync(string sink, long expected)
    {
        var query = $"SELECT rows_out FROM streamsql.queries WHERE sink = '{sink}'";
        if (await _server.SettlesAtAsync(query, [string.Create(CultureInfo.InvariantCulture, $"{expected}")], _patience) is { } answer)
            _anomalies.Add($"{sink} has {string.Join(' ', answer)} rows, and should have {expected}");
    }

    private async Task WatchMemoryAsync(CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            var line = (await File.ReadAllLinesAsync($"/proc/{_server.Id}/status", CancellationToken.None)).First(
                static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            var kibiBytes = double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
            _memory.Add((Stopwatch.GetElapsedTime(started).TotalMinutes, kibiBytes / 1024));
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
    }

    private void Judge(TimeSpan duration, double most, double rate, TimeSpan behind)
    {
        // Windows of a minute are kept, so the states are full after two.
        var warm = _memory.Where(sample => sample.Minutes >= Math.Min(_warmUp.TotalMinutes, duration.TotalMinutes / 2)).ToArray();
        var (slope, mean) = (Slope(warm), warm.Average(static sample => sample.MebiBytes));
        if (slope > MaxSlope)
        {
            _anomalies.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"memory grows by {slope:F2} MiB a minute, from {warm[0].MebiBytes:F0} to {warm[^1].MebiBytes:F0} MiB"));
        }

        var ratio = _pulls.Latencies.Percentile(0.999) / _pulls.Latencies.Percentile(0.5);
        if (ratio > MaxPullRatio)
            _anomalies.Add(string.Create(CultureInfo.InvariantCulture, $"p99.9 of pulls is {ratio:F1} times p50"));
        Figures = string.Create(
            CultureInfo.InvariantCulture,
            $"20 queries, {_sent:N0} rows, most {most:N0} rows/s, load {rate:N0} rows/s, settled {behind.TotalSeconds:F1} s after its end, "
            + $"{mean:F0} MiB, slope {slope:F2} MiB/min over {warm[^1].Minutes - warm[0].Minutes:F1} min, pulls {_pulls.Latencies}, "
            + $"SELECT 1 {_constants.Latencies}, echo {_echo.Latencies}");
    }

    /// <summary>Least squares.</summary>
    private static double Slope(IReadOnlyList<(double Minutes, double MebiBytes)> samples)
    {
        var (x, y) = (samples.Average(static sample => sample.Minutes), samples.Average(static sample => sample.MebiBytes));
        var spread = samples.Sum(sample => (sample.Minutes - x) * (sample.Minutes - x));
        return spread == 0 ? 0 : samples.Sum(sample => (sample.Minutes - x) * (sample.MebiBytes - y)) / spread;
    }
}

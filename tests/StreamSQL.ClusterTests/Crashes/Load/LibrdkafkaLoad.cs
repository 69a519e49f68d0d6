using System.Diagnostics;
using System.Globalization;
using StreamSQL.ClusterTests.Crashes.Checking;
using StreamSQL.ClusterTests.Kafka;

namespace StreamSQL.ClusterTests.Crashes.Load;

/// <summary>
/// One process of <c>Kafka/clients/c/load.c</c>: an idempotent or transactional producer, or a reader, over librdkafka. It tells of what it
/// does line by line, and ends when its input ends.
/// </summary>
internal sealed class LibrdkafkaLoad : IDisposable
{
    private readonly Process _process;
    private readonly History _history;
    private readonly Reading? _reading;
    private readonly int _producer;
    private readonly Dictionary<long, SentRecord> _sent = [];
    private readonly Task _reader;
    private SentTransaction? _transaction;

    private LibrdkafkaLoad(string program, string broker, string role, int producer, History history)
    {
        (_producer, _history) = (producer, history);
        _reading = role switch
        {
            "committed" => history.Read("librdkafka, committed", committedOnly: true),
            "uncommitted" => history.Read("librdkafka, all", committedOnly: false),
            _ => null,
        };
        string[] arguments = [broker, LoadTopic.Name, $"{LoadTopic.Partitions}", role, $"{producer}"];
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _reader = ReadAsync();
    }

    /// <summary>The loads of every role, where there is a C compiler and a librdkafka; none elsewhere.</summary>
    public static async Task<List<LibrdkafkaLoad>> StartAllAsync(string broker, int firstProducer, History history)
    {
        if (await Librdkafka.FindAsync("load") is not { } program)
            return [];
        string[] roles = ["idempotent", "transactional", "committed", "uncommitted"];
        return [.. roles.Select((role, i) => new LibrdkafkaLoad(program, broker, role, firstProducer + i, history))];
    }

    /// <summary>Tells it to finish what it is at, and reads what it still says.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _reader.WaitAsync(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
            _history.WrongAnswer($"a client over librdkafka ended with exit code {_process.ExitCode}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            Note(line.Split(' ', 4));
    }

    private void Note(string[] words)
    {
        switch (words)
        {
            case ["S", var number, var partition]: // sent
                _sent.Add(Number(number), _history.Send(_producer, Number(number), (int)Number(partition), _transaction));
                break;
            case ["A", var number, var offset]: // acknowledged
                SentRecord sent = _sent[Number(number)];
                (sent.Acknowledged, sent.Offset) = (true, Number(offset));
                break;
            case ["T", var number]: // transaction begun
                _transaction = _history.Begin(_producer, Number(number));
                break;
            case ["Q"]: // commit asked for; when exactly is not known here, so no reader is too early for it
                (_transaction!.Outcome, _transaction.CommitAskedAt) = (Outcome.Unknown, 0);
                break;
            case ["C"]: // committed
                _transaction!.Outcome = Outcome.Committed;
                break;
            case ["P", var partition, var offset, var id]: // polled
                int dash = id.IndexOf('-', StringComparison.Ordinal);
                _reading!.Seen.Add(new SeenRecord((int)Number(partition), Number(offset),
                    new((int)Number(id[..dash]), Number(id[(dash + 1)..])), 0));
                break;
            case ["R"]: // rolled back: nothing of it was asked to be committed
                break;
            default:
                _history.WrongAnswer($"librdkafka, producer {_producer}: {string.Join(' ', words)}");
                break;
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

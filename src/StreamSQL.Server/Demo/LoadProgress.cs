using System.Globalization;
using Spectre.Console;

namespace StreamSQL.Server.Demo;

/// <summary>Shows how far loading is: a live bar on a terminal, a line per tenth elsewhere.</summary>
internal sealed class LoadProgress : IAsyncDisposable
{
    private readonly long _total;
    private readonly TaskCompletionSource _done = new();
    private readonly Task _display;
    private ProgressTask? _bar;
    private long _loaded;
    private long _printedTenths = -1;

    private LoadProgress(long total, bool isTerminal)
    {
        _total = total;
        _display = isTerminal ? ShowBarAsync() : Task.CompletedTask;
    }

    /// <summary>Begins to show.</summary>
    /// <param name="total">Records to load.</param>
    public static LoadProgress Create(long total) => new(total, isTerminal: !Console.IsOutputRedirected);

    /// <summary>Adds to what is loaded.</summary>
    public void Advance(long records)
    {
        _loaded += records;
        if (_bar is not null)
            _bar.Value = _loaded;
        else if (_loaded * 10 / _total > _printedTenths)
            Print();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _done.TrySetResult();
        await _display;
    }

    private void Print()
    {
        _printedTenths = _loaded * 10 / _total;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"loaded {_loaded} of {_total} records"));
    }

    private Task ShowBarAsync() => AnsiConsole.Progress().HideCompleted(false).StartAsync(async context =>
    {
        _bar = context.AddTask("Loading flights", maxValue: _total);
        _bar.Value = _loaded;
        await _done.Task;
    });
}

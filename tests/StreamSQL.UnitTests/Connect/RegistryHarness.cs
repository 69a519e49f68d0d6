using StreamSQL.Broker;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;

namespace StreamSQL.UnitTests.Connect;

/// <summary>A schema registry over an embedded broker in memory.</summary>
internal sealed class RegistryHarness : IAsyncDisposable
{
    private readonly BrokerHost _broker;

    private RegistryHarness(BrokerHost broker, SubjectRegistry registry)
    {
        _broker = broker;
        Registry = registry;
    }

    public SubjectRegistry Registry { get; private set; }

    public IBrokerClient Broker => _broker.Client;

    public static async Task<RegistryHarness> StartAsync()
    {
        var options = new BrokerOptions();
        options = options with { Storage = options.Storage with { Journal = new JournalOptions
            { FileBytes = 1 << 20, FirstFileBytes = 1 << 16 } } };
        var broker = await BrokerHost.OpenAsync("data", options, new MemoryFileSystem(), TimeProvider.System);
        return new(broker, await OpenAsync(broker));
    }

    /// <summary>Another registry over the same topic, as after a restart.</summary>
    public async Task ReopenAsync()
    {
        Registry.Dispose();
        Registry = await OpenAsync(_broker);
    }

    /// <summary>Registers a JSON Schema and gives its id.</summary>
    public async Task<int> RegisterAsync(string subject, string text, params SchemaReference[] references) =>
        (await Registry.RegisterAsync(subject, new(SchemaType.Json, text, references), normalize: false, null, null,
            TestContext.Current.CancellationToken)).Schema.Id;

    /// <summary>The error code of what must be refused.</summary>
    public static async Task<int> CodeAsync(Func<Task> refused) => (await Should.ThrowAsync<RegistryException>(refused)).Code;

    public async ValueTask DisposeAsync()
    {
        Registry.Dispose();
        await _broker.DisposeAsync();
    }

    private static async Task<SubjectRegistry> OpenAsync(BrokerHost broker) =>
        await SubjectRegistry.OpenAsync(broker.Client, replicationFactor: 1, TimeProvider.System, TestContext.Current.CancellationToken);
}

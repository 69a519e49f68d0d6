using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Server.Hosting;
using StreamSQL.Server.Options;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Connect;

/// <summary>The Schema Registry API on the HTTP listener, and the client that uses such an API.</summary>
public sealed class SchemaRegistryApiTests : IAsyncLifetime
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    private EngineHarness _engine = null!;
    private Listeners _listeners = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync();
        var options = new ServerOptions { Kafka = [], Postgres = s_anyPort, Http = s_anyPort };
        _listeners = await Listeners.OpenAsync(options, NullLoggerFactory.Instance, Cancellation);
        _listeners.Gates.Open(new(new Nobody(), _engine.Engine, _engine.Registry));
        _http = new HttpClient { BaseAddress = new Uri($"http://{_listeners.Http}") };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _listeners.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_conversation_reads_as_with_Schema_Registry()
    {
        await ExpectAsync("GET /", "", 200, "{}");
        await ExpectAsync("GET /schemas/types", "", 200, """["JSON","PROTOBUF","AVRO"]""");
        await ExpectAsync("GET /subjects", "", 200, "[]");
        await ExpectAsync("POST /subjects/t-value/versions", """{"schemaType":"JSON","schema":"{\"type\":\"integer\"}"}""", 200,
            """{"id":1}""");
        await ExpectAsync("POST /subjects/t-value", """{"schemaType":"JSON","schema":"{\"type\":\"integer\"}"}""", 200,
            """{"subject":"t-value","version":1,"id":1,"schemaType":"JSON","schema":"{\"type\":\"integer\"}"}""");
        await ExpectAsync("GET /schemas/ids/1", "", 200, """{"schemaType":"JSON","schema":"{\"type\":\"integer\"}"}""");
        await ExpectAsync("GET /schemas/ids/1/schema", "", 200, """{"type":"integer"}""");
        await ExpectAsync("GET /schemas/ids/1/versions", "", 200, """[{"subject":"t-value","version":1}]""");
        await ExpectAsync("GET /subjects/t-value/versions/latest", "", 200,
            """{"subject":"t-value","version":1,"id":1,"schemaType":"JSON","schema":"{\"type\":\"integer\"}"}""");
        await ExpectAsync("POST /compatibility/subjects/t-value/versions/latest?verbose=true",
            """{"schemaType":"JSON","schema":"{\"type\":\"string\"}"}""", 200,
            """{"is_compatible":false,"messages":["the new schema cannot read data of version 1: #: type integer is not allowed by the reader's schema"]}""");
        await ExpectAsync("POST /compatibility/subjects/t-value/versions", """{"schemaType":"JSON","schema":"{\"type\":\"number\"}"}""",
            200, """{"is_compatible":true}""");
        await ExpectAsync("GET /config", "", 200, """{"compatibilityLevel":"BACKWARD"}""");
        await ExpectAsync("PUT /config/t-value", """{"compatibility":"NONE"}""", 200, """{"compatibility":"NONE"}""");
        await ExpectAsync("GET /config/t-value", "", 200, """{"compatibilityLevel":"NONE"}""");
        await ExpectAsync("DELETE /config/t-value", "", 200, """{"compatibilityLevel":"NONE"}""");
        await ExpectAsync("GET /mode", "", 200, """{"mode":"READWRITE"}""");
        await ExpectAsync("PUT /mode/t-value", """{"mode":"READONLY"}""", 200, """{"mode":"READONLY"}""");
        await ExpectAsync("DELETE /mode/t-value", "", 200, """{"mode":"READONLY"}""");
        await ExpectAsync("DELETE /subjects/t-value/versions/1", "", 200, "1");
        await ExpectAsync("GET /subjects?deleted=true", "", 200, """["t-value"]""");
        await ExpectAsync("DELETE /subjects/t-value?permanent=true", "", 200, "[1]");
        await ExpectAsync("POST /subjects/a%2Fb/versions", """{"schemaType":"JSON","schema":"true"}""", 200, """{"id":2}""");
        await ExpectAsync("GET /subjects", "", 200, """["a/b"]""");
    }

    [Theory]
    [InlineData("GET /subjects/none/versions", "", 404, 40401)]
    [InlineData("GET /subjects/none/versions/1", "", 404, 40401)]
    [InlineData("GET /subjects/s/versions/2", "", 404, 40402)]
    [InlineData("GET /schemas/ids/99", "", 404, 40403)]
    [InlineData("GET /schemas/ids/x", "", 404, 40403)]
    [InlineData("POST /subjects/s", """{"schemaType":"JSON","schema":"{\"type\":\"string\"}"}""", 404, 40403)]
    [InlineData("GET /config/s", "", 404, 40408)]
    [InlineData("GET /mode/s", "", 404, 40409)]
    [InlineData("DELETE /subjects/s?permanent=true", "", 404, 40405)]
    [InlineData("POST /subjects/s/versions", """{"schemaType":"JSON","schema":"{"}""", 422, 42201)]
    [InlineData("POST /subjects/s/versions", """{"schemaType":"XML","schema":"<a/>"}""", 422, 42201)]
    [InlineData("POST /subjects/s/versions", "{}", 422, 42201)]
    [InlineData("GET /subjects/s/versions/0", "", 422, 42202)]
    [InlineData("GET /subjects/s/versions/abc", "", 422, 42202)]
    [InlineData("PUT /config", """{"compatibility":"SIDEWAYS"}""", 422, 42203)]
    [InlineData("PUT /mode", """{"mode":"HALF"}""", 422, 42204)]
    [InlineData("POST /subjects/s/versions", """{"schemaType":"JSON","schema":"true","id":7}""", 422, 42205)]
    [InlineData("POST /subjects/s/versions", """{"schemaType":"JSON","schema":"{\"type\":\"string\"}"}""", 409, 409)]
    [InlineData("POST /subjects/s/versions", "not json", 400, 400)]
    public async Task A_refusal_has_status_and_code(string request, string body, int status, int code)
    {
        await ExpectAsync("POST /subjects/s/versions", """{"schemaType":"JSON","schema":"{\"type\":\"integer\"}"}""", 200, """{"id":1}""");
        var (actual, text) = await SendAsync(request, body);
        actual.ShouldBe(status, text);
        text.ShouldStartWith($$"""{"error_code":{{code}},"message":""");
    }

    [Fact]
    public async Task The_remote_registry_speaks_the_same_language()
    {
        using var remote = Remote(_listeners.Http.ToString());
        (await remote.GetVersionAsync("s", null, Cancellation)).ShouldBeNull();
        (await remote.GetAsync(1, Cancellation)).ShouldBeNull();

        var part = await remote.RegisterAsync("part", new(SchemaType.Json, """{"type":"integer"}"""), Cancellation);
        var whole = await remote.RegisterAsync("s", new(SchemaType.Json, """{"$ref":"part.json"}""", [new("part.json", "part", 1)]),
            Cancellation);
        remote.Find(whole.Id).ShouldBe(whole);
        whole.Schema.Imports.ShouldBe([new SchemaImport("part.json", part.Schema.Text)]);

        using var other = Remote(_listeners.Http.ToString());
        other.Find(whole.Id).ShouldBeNull();
        var fetched = await other.GetAsync(whole.Id, Cancellation);
        fetched!.Schema.Imports.ShouldBe(whole.Schema.Imports);
        (await other.GetVersionAsync("s", 1, Cancellation))!.Schema.Id.ShouldBe(whole.Id);

        (await Should.ThrowAsync<SqlException>(() => remote.RegisterAsync("part", new(SchemaType.Json, """{"type":"string"}"""),
            Cancellation).AsTask())).SqlState.ShouldBe("22023");
        (await Should.ThrowAsync<SqlException>(() => remote.DeleteSubjectAsync("part", Cancellation).AsTask())).SqlState.ShouldBe("2BP01");
        (await remote.DeleteSubjectAsync("s", Cancellation)).ShouldBeTrue();
        (await remote.DeleteSubjectAsync("s", Cancellation)).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_several_urls_the_one_that_answers_is_used()
    {
        using var remote = Remote("127.0.0.1:1", _listeners.Http.ToString());
        (await remote.RegisterAsync("s", new(SchemaType.Json, "true"), Cancellation)).Id.ShouldBe(1);
        using var dead = Remote("127.0.0.1:1");
        (await Should.ThrowAsync<SqlException>(() => dead.GetAsync(1, Cancellation).AsTask())).SqlState.ShouldBe("08006");
    }

    [Fact]
    public async Task An_engine_reads_and_writes_with_the_schemas_of_a_remote_registry()
    {
        using var remote = Remote(_listeners.Http.ToString());
        await using var engine = await EngineHarness.StartAsync(schemas: remote);
        await engine.RunAsync(
            """
            CREATE STREAM s (v VARCHAR) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'AVRO');
            CREATE STREAM u WITH (KAFKA_TOPIC = 'u') AS SELECT UCASE(v) AS w FROM s;
            """);
        await engine.RunAsync("INSERT INTO s (v) VALUES ('one');");
        _engine.Registry.Subjects("", deleted: false, deletedOnly: false).ShouldBe(["t-value", "u-value"]);

        await _engine.Registry.SetLevelAsync("t-value", CompatibilityLevel.None, Cancellation);

        // Another program's schema: this engine meets its id in a record.
        var other = await _engine.Registry.RegisterAsync(
            "t-value", new(SchemaType.Avro,
                """{"type":"record","name":"other","fields":[{"name":"n","type":"int","default":0},{"name":"v","type":["null","string"],"default":null}]}"""),
            normalize: false, null, null, Cancellation);
        remote.Find(other.Schema.Id).ShouldBeNull();
        using var builder = new RecordBatchBuilder();
        byte[] record = [.. SchemaFrame.Of(other.Schema.Id), 14, 2, 6, .. "two"u8];
        builder.Append(default, hasKey: false, record, hasValue: true, 0);
        await engine.Broker.ProduceAsync(new TopicPartition("t", 0), builder.Build(), Cancellation);
        await engine.Engine.WaitUntilCaughtUpAsync(Cancellation);

        (await engine.RunAsync("SELECT w FROM u;")).ShouldBe(["ONE", "TWO"]);
        (await engine.RunAsync("SELECT v FROM s;")).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task Records_wait_while_the_remote_registry_is_away()
    {
        var gate = new Gate();
        using var remote = new RemoteSchemaRegistry([new Uri($"http://{_listeners.Http}")], gate, TimeSpan.FromSeconds(10));
        await using var engine = await EngineHarness.StartAsync(schemas: remote);
        await engine.RunAsync(
            """
            CREATE STREAM s (v BIGINT) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON_SR');
            CREATE STREAM u WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON') AS SELECT v + 1 AS w FROM s;
            """);
        await _engine.Registry.SetLevelAsync(null, CompatibilityLevel.None, Cancellation);
        var id = (await _engine.Registry.RegisterAsync("t-value", new(SchemaType.Json, "true"), normalize: false, null, null,
            Cancellation)).Schema.Id;
        gate.IsClosed = true;
        using var builder = new RecordBatchBuilder();
        byte[] record = [.. SchemaFrame.Of(id), .. """{"V":1}"""u8];
        builder.Append(default, hasKey: false, record, hasValue: true, 0);
        await engine.Broker.ProduceAsync(new TopicPartition("t", 0), builder.Build(), Cancellation);
        await gate.Refused.WaitAsync(Cancellation);
        engine.Engine.Queries.Single().BadRows.ShouldBe(0);

        gate.IsClosed = false;
        await engine.Engine.WaitUntilCaughtUpAsync(Cancellation);
        (await engine.RunAsync("SELECT w FROM u;")).ShouldBe(["2"]);
    }

    private static RemoteSchemaRegistry Remote(params string[] addresses) =>
        new([.. addresses.Select(static address => new Uri($"http://{address}"))], new SocketsHttpHandler(), TimeSpan.FromSeconds(10));

    private async Task ExpectAsync(string request, string body, int status, string answer)
    {
        var (actual, text) = await SendAsync(request, body);
        (actual, text).ShouldBe((status, answer), request);
    }

    private async Task<(int Status, string Body)> SendAsync(string request, string body)
    {
        var parts = request.Split(' ');
        using var message = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        if (body.Length > 0)
            message.Content = new StringContent(body, Encoding.UTF8, "application/vnd.schemaregistry.v1+json");
        using var response = await _http.SendAsync(message, Cancellation);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/vnd.schemaregistry.v1+json");
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>A network that can be cut.</summary>
    private sealed class Gate : DelegatingHandler
    {
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Gate()
            : base(new SocketsHttpHandler())
        {
        }

        public volatile bool IsClosed;

        public Task Refused => _refused.Task;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!IsClosed)
                return base.SendAsync(request, cancellationToken);
            _refused.TrySetResult();
            throw new HttpRequestException("the network is down");
        }
    }

    private sealed class Nobody : ConnectionHandler
    {
        public override Task OnConnectedAsync(ConnectionContext connection) => Task.CompletedTask;
    }
}

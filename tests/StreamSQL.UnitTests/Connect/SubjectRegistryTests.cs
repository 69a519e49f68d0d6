using System.Text;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Connect;

public sealed class SubjectRegistryTests : IAsyncLifetime
{
    private const string Integer = """{"type":"integer"}""";
    private const string Number = """{"type":"number"}""";
    private const string Text = """{"type":"string"}""";

    private RegistryHarness _harness = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SubjectRegistry Registry => _harness.Registry;

    public async ValueTask InitializeAsync() => _harness = await RegistryHarness.StartAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public async Task Equal_schemas_have_one_id_and_a_version_in_each_subject()
    {
        (await _harness.RegisterAsync("a", Integer)).ShouldBe(1);
        (await _harness.RegisterAsync("a", Number)).ShouldBe(2);
        (await _harness.RegisterAsync("b", """{ "type": "number" }""")).ShouldBe(2);
        (await _harness.RegisterAsync("a", Integer)).ShouldBe(1);

        Registry.Versions("a", deleted: false, deletedOnly: false).ShouldBe([1, 2]);
        Registry.Version("b", null, deleted: false).ShouldSatisfyAllConditions(v => v.Version.ShouldBe(1), v => v.Schema.Id.ShouldBe(2));
        Registry.Uses(2, deleted: false).ShouldBe([("a", 2), ("b", 1)]);
    }

    [Fact]
    public async Task Schemas_that_mean_the_same_are_equal_only_when_normalized()
    {
        const string first = """{"type":"object","title":"t"}""";
        const string second = """{"title":"t","type":"object"}""";
        await Registry.SetLevelAsync(null, CompatibilityLevel.None, Cancellation);

        var plain = await _harness.RegisterAsync("a", first);
        (await _harness.RegisterAsync("a", second)).ShouldNotBe(plain);
        var normalized = await Registry.RegisterAsync("b", new(SchemaType.Json, first), normalize: true, null, null, Cancellation);
        var again = await Registry.RegisterAsync("b", new(SchemaType.Json, second), normalize: true, null, null, Cancellation);
        again.Version.ShouldBe(1);
        again.Schema.Id.ShouldBe(normalized.Schema.Id);
    }

    // Integer to number widens: a reader of the wider type reads the narrower one, not the other way round.
    [Theory]
    [InlineData("BACKWARD", "integer number", true)]
    [InlineData("BACKWARD", "number integer", false)]
    [InlineData("BACKWARD", "string integer number", true)]
    [InlineData("BACKWARD_TRANSITIVE", "string integer number", false)]
    [InlineData("FORWARD", "number integer", true)]
    [InlineData("FORWARD", "integer number", false)]
    [InlineData("FORWARD", "string number integer", true)]
    [InlineData("FORWARD_TRANSITIVE", "string number integer", false)]
    [InlineData("FULL", "integer number", false)]
    [InlineData("FULL", "number integer", false)]
    [InlineData("FULL", "string integer integer+", true)]
    [InlineData("FULL_TRANSITIVE", "string integer integer+", false)]
    [InlineData("FULL_TRANSITIVE", "integer integer+", true)]
    [InlineData("NONE", "string integer", true)]
    public async Task A_level_decides_what_may_follow(string level, string types, bool allowed)
    {
        string[] schemas = [.. types.Split(' ')
            .Select(type => type.EndsWith('+') ? $$"""{"type":"{{type[..^1]}}","title":"x"}""" : $$"""{"type":"{{type}}"}""")];
        await Registry.SetLevelAsync("s", CompatibilityLevel.None, Cancellation);
        foreach (var earlier in schemas[..^1])
            await _harness.RegisterAsync("s", earlier);
        await Registry.SetLevelAsync("s", RegistryWords.Level(level), Cancellation);

        Registry.TestCompatibility("s", null, allVersions: true, new(SchemaType.Json, schemas[^1]), normalize: false).Any()
            .ShouldBe(!allowed);
        if (allowed)
            await _harness.RegisterAsync("s", schemas[^1]);
        else
            (await RegistryHarness.CodeAsync(() => _harness.RegisterAsync("s", schemas[^1]))).ShouldBe(RegistryException.Incompatible);
    }

    [Fact]
    public async Task The_global_level_holds_for_subjects_without_their_own()
    {
        Registry.Level(null, defaultToGlobal: false).ShouldBe(CompatibilityLevel.Backward);
        await Registry.SetLevelAsync(null, CompatibilityLevel.None, Cancellation);
        await _harness.RegisterAsync("s", Integer);
        await _harness.RegisterAsync("s", Text);
        (await RegistryHarness.CodeAsync(() => Task.FromResult(Registry.Level("s", defaultToGlobal: false)))).ShouldBe(
            RegistryException.SubjectLevelNotConfigured);
        Registry.Level("s", defaultToGlobal: true).ShouldBe(CompatibilityLevel.None);

        await Registry.SetLevelAsync("s", CompatibilityLevel.Backward, Cancellation);
        (await RegistryHarness.CodeAsync(() => _harness.RegisterAsync("s", Number))).ShouldBe(RegistryException.Incompatible);
        await Registry.SetLevelAsync("s", null, Cancellation);
        await _harness.RegisterAsync("s", Number);
    }

    [Fact]
    public async Task A_deleted_version_is_marked_first_and_its_number_is_not_used_again()
    {
        await Registry.SetLevelAsync(null, CompatibilityLevel.None, Cancellation);
        var id = await _harness.RegisterAsync("s", Integer);
        await _harness.RegisterAsync("s", Text);

        (await RegistryHarness.CodeAsync(() => Registry.DeleteVersionAsync("s", 1, permanent: true, Cancellation).AsTask())).ShouldBe(
            RegistryException.VersionNotSoftDeleted);
        (await Registry.DeleteVersionAsync("s", 1, permanent: false, Cancellation)).ShouldBe(1);
        (await RegistryHarness.CodeAsync(() => Registry.DeleteVersionAsync("s", 1, permanent: false, Cancellation).AsTask())).ShouldBe(
            RegistryException.VersionSoftDeleted);
        Registry.Versions("s", deleted: false, deletedOnly: false).ShouldBe([2]);
        Registry.Versions("s", deleted: true, deletedOnly: false).ShouldBe([1, 2]);
        Registry.Versions("s", deleted: false, deletedOnly: true).ShouldBe([1]);
        Registry.Schema(id)!.Schema.Text.ShouldBe(Integer, "records still name it");

        (await _harness.RegisterAsync("s", Integer)).ShouldBe(id);
        Registry.Version("s", null, deleted: false).Version.ShouldBe(3);
        await Registry.DeleteVersionAsync("s", 1, permanent: true, Cancellation);
        Registry.Versions("s", deleted: true, deletedOnly: false).ShouldBe([2, 3]);
    }

    [Fact]
    public async Task A_subject_is_deleted_in_two_steps_and_its_ids_are_not_given_again()
    {
        await _harness.RegisterAsync("s", Integer);
        await Registry.SetLevelAsync("s", CompatibilityLevel.Full, Cancellation);
        (await RegistryHarness.CodeAsync(() => Registry.DeleteSubjectAsync("none", permanent: false, Cancellation).AsTask())).ShouldBe(
            RegistryException.SubjectNotFound);
        (await RegistryHarness.CodeAsync(() => Registry.DeleteSubjectAsync("s", permanent: true, Cancellation).AsTask())).ShouldBe(
            RegistryException.SubjectNotSoftDeleted);
        (await Registry.DeleteSubjectAsync("s", permanent: false, Cancellation)).ShouldBe([1]);
        (await RegistryHarness.CodeAsync(() => Registry.DeleteSubjectAsync("s", permanent: false, Cancellation).AsTask())).ShouldBe(
            RegistryException.SubjectSoftDeleted);
        Registry.Subjects("", deleted: false, deletedOnly: false).ShouldBeEmpty();
        Registry.Subjects("", deleted: true, deletedOnly: false).ShouldBe(["s"]);

        (await Registry.DeleteSubjectAsync("s", permanent: true, Cancellation)).ShouldBe([1]);
        Registry.Subjects("", deleted: true, deletedOnly: false).ShouldBeEmpty();
        Registry.Schema(1).ShouldBeNull();
        (await RegistryHarness.CodeAsync(() => Task.FromResult(Registry.Level("s", defaultToGlobal: false)))).ShouldBe(
            RegistryException.SubjectLevelNotConfigured);
        (await _harness.RegisterAsync("s", Integer)).ShouldBe(2);
    }

    [Fact]
    public async Task What_is_referred_to_is_resolved_and_cannot_be_deleted()
    {
        await _harness.RegisterAsync("part", Integer);
        var id = await _harness.RegisterAsync("whole", """{"type":"object","properties":{"a":{"$ref":"part.json"}}}""",
            new SchemaReference("part.json", "part", 1));

        Registry.Schema(id)!.Schema.Imports.ShouldBe([new SchemaImport("part.json", Integer)]);
        Registry.ReferencesTo("part", 1).ShouldBe([id]);
        (await RegistryHarness.CodeAsync(() => Registry.DeleteSubjectAsync("part", permanent: false, Cancellation).AsTask())).ShouldBe(
            RegistryException.ReferenceExists);
        (await RegistryHarness.CodeAsync(() => _harness.RegisterAsync("other", """{"$ref":"gone.json"}""",
            new SchemaReference("gone.json", "gone", 1))))
            .ShouldBe(RegistryException.InvalidSchema);
    }

    [Fact]
    public async Task Modes_forbid_writing_and_allow_ids_of_the_client()
    {
        (await RegistryHarness.CodeAsync(() => Registry.RegisterAsync("s", new(SchemaType.Json, Integer), false, 77, null, Cancellation)
            .AsTask())).ShouldBe(RegistryException.NotPermitted);
        await Registry.SetModeAsync(null, RegistryMode.Import, force: false, Cancellation);
        var imported = await Registry.RegisterAsync("s", new(SchemaType.Json, Integer), normalize: false, 77, 5, Cancellation);
        imported.ShouldSatisfyAllConditions(v => v.Schema.Id.ShouldBe(77), v => v.Version.ShouldBe(5));
        (await RegistryHarness.CodeAsync(() => Registry.RegisterAsync("t", new(SchemaType.Json, Text), false, 77, null, Cancellation)
            .AsTask())).ShouldBe(RegistryException.NotPermitted);

        await Registry.SetModeAsync(null, RegistryMode.ReadWrite, force: false, Cancellation);
        (await _harness.RegisterAsync("t", Text)).ShouldBe(78);
        await Registry.SetModeAsync("t", RegistryMode.ReadOnly, force: false, Cancellation);
        (await RegistryHarness.CodeAsync(() => _harness.RegisterAsync("t", Number))).ShouldBe(RegistryException.NotPermitted);
        (await RegistryHarness.CodeAsync(() => Registry.SetModeAsync(null, RegistryMode.Import, force: false, Cancellation)
            .AsTask())).ShouldBe(RegistryException.NotPermitted);
    }

    [Fact]
    public async Task What_is_no_schema_is_refused()
    {
        (await RegistryHarness.CodeAsync(() => _harness.RegisterAsync("s", "{"))).ShouldBe(RegistryException.InvalidSchema);
        (await RegistryHarness.CodeAsync(() => _harness.RegisterAsync("s", """{"type":"thing"}"""))).ShouldBe(
            RegistryException.InvalidSchema);
        (await RegistryHarness.CodeAsync(() => _harness.RegisterAsync("", Integer))).ShouldBe(RegistryException.InvalidSubject);
        (await RegistryHarness.CodeAsync(() => Task.FromResult(Registry.Version("s", null, deleted: false)))).ShouldBe(
            RegistryException.SubjectNotFound);
        await _harness.RegisterAsync("s", Integer);
        (await RegistryHarness.CodeAsync(() => Task.FromResult(Registry.Version("s", 9, deleted: false)))).ShouldBe(
            RegistryException.VersionNotFound);
        (await RegistryHarness.CodeAsync(() => Task.FromResult(Registry.Lookup("s", new(SchemaType.Json, Text), false, false)))).ShouldBe(
            RegistryException.SchemaNotFound);
        Registry.Lookup("s", new(SchemaType.Json, Integer), normalize: false, deleted: false).Version.ShouldBe(1);
    }

    [Fact]
    public async Task Everything_is_there_again_after_a_restart()
    {
        await Registry.SetLevelAsync(null, CompatibilityLevel.None, Cancellation);
        await _harness.RegisterAsync("a", Integer);
        await _harness.RegisterAsync("a", Text);
        await _harness.RegisterAsync("b", Number);
        await Registry.DeleteVersionAsync("a", 1, permanent: false, Cancellation);
        await Registry.DeleteSubjectAsync("b", permanent: false, Cancellation);
        await Registry.SetLevelAsync("a", CompatibilityLevel.FullTransitive, Cancellation);
        await Registry.SetModeAsync("a", RegistryMode.ReadOnly, force: false, Cancellation);

        await _harness.ReopenAsync();

        Registry.Subjects("", deleted: false, deletedOnly: false).ShouldBe(["a"]);
        Registry.Subjects("", deleted: false, deletedOnly: true).ShouldBe(["b"]);
        Registry.Versions("a", deleted: false, deletedOnly: false).ShouldBe([2]);
        Registry.Schema(3)!.Schema.Text.ShouldBe(Number);
        Registry.Level("a", defaultToGlobal: false).ShouldBe(CompatibilityLevel.FullTransitive);
        Registry.Level(null, defaultToGlobal: false).ShouldBe(CompatibilityLevel.None);
        Registry.Mode("a", defaultToGlobal: false).ShouldBe(RegistryMode.ReadOnly);
        (await _harness.RegisterAsync("c", """{"type":"boolean"}""")).ShouldBe(4);
    }

    [Fact]
    public async Task Another_registry_s_topic_is_understood()
    {
        await _harness.Broker.CreateTopicAsync(
            new NewTopic("_schemas", 1, 1, new Dictionary<string, string> { ["cleanup.policy"] = "compact" }), Cancellation);
        await ProduceAsync("""{"keytype":"NOOP","magic":0}""", null);
        await ProduceAsync("""{"keytype":"CONFIG","subject":null,"magic":0}""",
            """{"compatibilityLevel":"FORWARD","overrideRuleSet":null}""");
        await ProduceAsync(
            """{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}""",
            """{"subject":"s","version":1,"id":41,"schemaType":"JSON","schema":"{\"type\":\"number\"}","deleted":false}""");
        await ProduceAsync("""{"keytype":"SCHEMA","subject":"old","version":1,"magic":1}""",
            """{"subject":"old","version":1,"id":40,"schema":"\"int\"","deleted":false}""");
        await ProduceAsync("""{"keytype":"DELETE_SUBJECT","subject":"old","magic":0}""", """{"subject":"old","version":1}""");

        await _harness.ReopenAsync();

        Registry.Level(null, defaultToGlobal: false).ShouldBe(CompatibilityLevel.Forward);
        Registry.Subjects("", deleted: false, deletedOnly: false).ShouldBe(["s"]);
        Registry.Schema(40)!.Schema.Type.ShouldBe(SchemaType.Avro);
        (await _harness.RegisterAsync("s", Integer)).ShouldBe(42);
    }

    [Fact]
    public async Task A_record_that_is_none_of_a_registry_s_is_not_passed_over()
    {
        await _harness.Broker.CreateTopicAsync(new NewTopic("_schemas", 1, 1, new Dictionary<string, string>()), Cancellation);
        await ProduceAsync("no json", null);
        await Should.ThrowAsync<InvalidDataException>(_harness.ReopenAsync);
    }

    private async Task ProduceAsync(string key, string? value)
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(Encoding.UTF8.GetBytes(key), hasKey: true, value is null ? default : Encoding.UTF8.GetBytes(value),
            hasValue: value is not null, 0);
        await _harness.Broker.ProduceAsync(new TopicPartition("_schemas", 0), builder.Build(), Cancellation);
    }
}

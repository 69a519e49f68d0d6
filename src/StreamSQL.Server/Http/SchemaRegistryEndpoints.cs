using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using StreamSQL.Connect.Schemas;
using StreamSQL.Server.Hosting;

namespace StreamSQL.Server.Http;

/// <summary>
/// The Schema Registry API over this process's registry, for Kafka's serializers and every tool that knows it: subjects, versions, schemas
/// by id, compatibility, levels and modes, with its error codes.
/// </summary>
/// <param name="doors">Completes when the server is ready; until then requests are answered with 503.</param>
internal sealed class SchemaRegistryEndpoints(Task<Doors> doors)
{
    private const string ContentType = "application/vnd.schemaregistry.v1+json";
    private const long MaxRequestBytes = 4 << 20;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        MapSchemas(routes);
        MapSubjects(routes);
        MapCompatibility(routes);
        MapSettings(routes);
        Add(routes, "GET", "/", static _ => Task.FromResult<Answer>(new("{}")));
        Add(routes, "GET", "/contexts", static _ => Answer.Of(["."], RegistryJson.Plain.StringArray));
        Add(routes, "GET", "/v1/metadata/id", static _ => Task.FromResult<Answer>(new("""{"scope":{"path":[],"clusters":{}}}""")));
    }

    private void MapSchemas(IEndpointRouteBuilder routes)
    {
        Add(routes, "GET", "/schemas/types", static _ => Answer.Of([.. SchemaTypes.All], RegistryJson.Plain.StringArray));
        Add(routes, "GET", "/schemas", static request => Answer.Of(
            request.Page(request.Registry.Schemas(request.Text("subjectPrefix"), request.Flag("deleted"), request.Flag("latestOnly")))
                .Select(SchemaResponse.Of).ToArray(),
            RegistryJson.Plain.SchemaResponseArray));
        Add(routes, "GET", "/schemas/ids/{id}",
            static request => Answer.Of(SchemaResponse.Of(request.Schema()), RegistryJson.Plain.SchemaResponse));
        Add(routes, "GET", "/schemas/ids/{id}/schema", static request => Task.FromResult<Answer>(new(request.Schema().Schema.Text)));
        Add(routes, "GET", "/schemas/ids/{id}/subjects", static request => Answer.Of(
            request.Registry.Uses(request.Id(), request.Flag("deleted")).Select(static use => use.Subject).Distinct().ToArray(),
            RegistryJson.Plain.StringArray));
        Add(routes, "GET", "/schemas/ids/{id}/versions", static request => Answer.Of(
            request.Registry.Uses(request.Id(), request.Flag("deleted"))
                .Select(static use => new UseResponse(use.Subject, use.Version)).ToArray(),
            RegistryJson.Plain.UseResponseArray));
    }

    private void MapSubjects(IEndpointRouteBuilder routes)
    {
        Add(routes, "GET", "/subjects", static request => Answer.Of(
            request.Page(request.Registry.Subjects(request.Text("subjectPrefix"), request.Flag("deleted"), request.Flag("deletedOnly")))
                .ToArray(),
            RegistryJson.Plain.StringArray));
        Add(routes, "POST", "/subjects/{subject}", static async request =>
        {
            var schema = (await request.ReadAsync(RegistryJson.Plain.SchemaRequest)).ToDefinition();
            var found = request.Registry.Lookup(request.Subject, schema, request.Flag("normalize"), request.Flag("deleted"));
            return await Answer.Of(SchemaResponse.Of(found), RegistryJson.Plain.SchemaResponse);
        });
        Add(routes, "DELETE", "/subjects/{subject}", static async request => await Answer.Of(
            [.. await request.Registry.DeleteSubjectAsync(request.Subject, request.Flag("permanent"), request.Aborted)],
            RegistryJson.Plain.Int32Array));
        Add(routes, "GET", "/subjects/{subject}/versions", static request => Answer.Of(
            request.Page(request.Registry.Versions(request.Subject, request.Flag("deleted"), request.Flag("deletedOnly"))).ToArray(),
            RegistryJson.Plain.Int32Array));
        Add(routes, "POST", "/subjects/{subject}/versions", RegisterAsync);
        Add(routes, "GET", "/subjects/{subject}/versions/{version}", static request => Answer.Of(
            SchemaResponse.Of(request.Registry.Version(request.Subject, request.Version, request.Flag("deleted"))),
            RegistryJson.Plain.SchemaResponse));
        Add(routes, "GET", "/subjects/{subject}/versions/{version}/schema", static request => Task.FromResult<Answer>(
            new(request.Registry.Version(request.Subject, request.Version, request.Flag("deleted")).Schema.Schema.Text)));
        Add(routes, "GET", "/subjects/{subject}/versions/{version}/referencedby", static request => Answer.Of(
            [.. request.Registry.ReferencesTo(request.Subject, request.Version)], RegistryJson.Plain.Int32Array));
        Add(routes, "DELETE", "/subjects/{subject}/versions/{version}", static async request => new Answer(
            (await request.Registry.DeleteVersionAsync(request.Subject, request.Version, request.Flag("permanent"),
                request.Aborted)).ToString(CultureInfo.InvariantCulture)));
    }

    private void MapCompatibility(IEndpointRouteBuilder routes)
    {
        Add(routes, "POST", "/compatibility/subjects/{subject}/versions/{version}",
            static request => TestAsync(request, request.Version, allVersions: false));
        Add(routes, "POST", "/compatibility/subjects/{subject}/versions", static request => TestAsync(request, null, allVersions: true));
    }

    private void MapSettings(IEndpointRouteBuilder routes)
    {
        foreach (var place in (string[])["", "/{subject}"])
        {
            Add(routes, "GET", "/config" + place, static request => Answer.Of(
                new LevelResponse(RegistryWords.Of(request.Registry.Level(request.SubjectOrNull, request.Flag("defaultToGlobal")))),
                RegistryJson.Plain.LevelResponse));
            Add(routes, "PUT", "/config" + place, static async request =>
            {
                var level = RegistryWords.Level((await request.ReadAsync(RegistryJson.Plain.LevelRequest)).Compatibility);
                await request.Registry.SetLevelAsync(request.SubjectOrNull, level, request.Aborted);
                return await Answer.Of(new LevelRequest(RegistryWords.Of(level)), RegistryJson.Plain.LevelRequest);
            });
            Add(routes, "DELETE", "/config" + place, static async request =>
            {
                var level = request.Registry.Level(request.SubjectOrNull, defaultToGlobal: false);
                await request.Registry.SetLevelAsync(request.SubjectOrNull, null, request.Aborted);
                return await Answer.Of(new LevelResponse(RegistryWords.Of(level)), RegistryJson.Plain.LevelResponse);
            });
            Add(routes, "GET", "/mode" + place, static request => Answer.Of(
                new ModeJson(RegistryWords.Of(request.Registry.Mode(request.SubjectOrNull, request.Flag("defaultToGlobal")))),
                RegistryJson.Plain.ModeJson));
            Add(routes, "PUT", "/mode" + place, static async request =>
            {
                var mode = RegistryWords.Mode((await request.ReadAsync(RegistryJson.Plain.ModeJson)).Mode);
                await request.Registry.SetModeAsync(request.SubjectOrNull, mode, request.Flag("force"), request.Aborted);
                return await Answer.Of(new ModeJson(RegistryWords.Of(mode)), RegistryJson.Plain.ModeJson);
            });
        }

        Add(routes, "DELETE", "/mode/{subject}", static async request =>
        {
            var mode = request.Registry.Mode(request.Subject, defaultToGlobal: false);
            await request.Registry.SetModeAsync(request.Subject, null, force: false, request.Aborted);
            return await Answer.Of(new ModeJson(RegistryWords.Of(mode)), RegistryJson.Plain.ModeJson);
        });
    }

    private static async Task<Answer> RegisterAsync(RegistryRequest request)
    {
        var body = await request.ReadAsync(RegistryJson.Plain.SchemaRequest);
        var version = await request.Registry.RegisterAsync(
            request.Subject, body.ToDefinition(), request.Flag("normalize"), body.Id is > 0 ? body.Id : null,
            body.Version is > 0 ? body.Version : null, request.Aborted);
        return await Answer.Of(new SchemaResponse { Id = version.Schema.Id }, RegistryJson.Plain.SchemaResponse);
    }

    private static async Task<Answer> TestAsync(RegistryRequest request, int? version, bool allVersions)
    {
        var schema = (await request.ReadAsync(RegistryJson.Plain.SchemaRequest)).ToDefinition();
        var reasons = request.Registry.TestCompatibility(request.Subject, version, allVersions, schema, request.Flag("normalize"));
        return await Answer.Of(new CompatibilityResponse(reasons.Count == 0, request.Flag("verbose") ? reasons : null),
            RegistryJson.Plain.CompatibilityResponse);
    }

    private void Add(IEndpointRouteBuilder routes, string method, string path, Func<RegistryRequest, Task<Answer>> handle) =>
        routes.MapMethods(path, [method], context => AnswerAsync(context, handle));

    private async Task AnswerAsync(HttpContext context, Func<RegistryRequest, Task<Answer>> handle)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxRequestBytes;
        string body;
        try
        {
            if (!doors.IsCompletedSuccessfully)
                throw new RegistryException(StatusCodes.Status503ServiceUnavailable, "The server is starting, or stands by");
            var registry = (await doors).Registry
                ?? throw new RegistryException(StatusCodes.Status404NotFound, "This server uses another schema registry");
            body = (await handle(new RegistryRequest(context, registry))).Body;
        }
        catch (RegistryException error)
        {
            context.Response.StatusCode = error.Status;
            body = JsonSerializer.Serialize(new ErrorResponse(error.Code, error.Message), RegistryJson.Plain.ErrorResponse);
        }

        context.Response.ContentType = ContentType;
        await context.Response.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The body of an answer.</summary>
    private sealed record Answer(string Body)
    {
        public static Task<Answer> Of<T>(T value, JsonTypeInfo<T> type) =>
            Task.FromResult(new Answer(JsonSerializer.Serialize(value, type)));
    }
}

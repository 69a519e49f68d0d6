using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Connect.Schemas;

/// <summary>
/// A schema registry behind a URL: any server that speaks the Schema Registry API. Of several URLs of one registry the first that answers
/// is used. Schemas are remembered by id, and never change; the latest version of a subject is asked for each time.
/// </summary>
public sealed class RemoteSchemaRegistry : ISchemaRegistry, IDisposable
{
    private const int MaxRemembered = 10_000;
    private const int MaxImportDepth = 32;
    private const int MaxResponseBytes = 16 << 20;
    private const string ContentType = "application/vnd.schemaregistry.v1+json";

    private readonly ConcurrentDictionary<int, RegisteredSchema> _known = [];
    private readonly IReadOnlyList<Uri> _urls;
    private readonly HttpClient _client;

    /// <summary>Creates a client; nothing is asked yet.</summary>
    /// <param name="urls">The registry's URLs, user and password in them if it wants such.</param>
    /// <param name="handler">What the requests go through.</param>
    /// <param name="timeout">How long an answer may take.</param>
    public RemoteSchemaRegistry(IReadOnlyList<Uri> urls, HttpMessageHandler handler, TimeSpan timeout)
    {
        _urls = [.. urls.Select(static url => new Uri(url.AbsoluteUri.TrimEnd('/') + "/"))];
        _client = new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = MaxResponseBytes };
        _client.DefaultRequestHeaders.Accept.ParseAdd(ContentType);
    }

    /// <inheritdoc/>
    public bool KnowsAll => false;

    /// <inheritdoc/>
    public RegisteredSchema? Find(int id) => _known.GetValueOrDefault(id);

    /// <inheritdoc/>
    public async ValueTask<RegisteredSchema?> GetAsync(int id, CancellationToken cancellation)
    {
        if (Find(id) is { } known)
            return known;
        var response = await SendAsync(HttpMethod.Get, $"schemas/ids/{id}", null, RegistryJson.Plain.SchemaResponse, cancellation);
        return response is null ? null : await RememberAsync(id, response, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<SubjectVersion?> GetVersionAsync(string subject, int? version, CancellationToken cancellation)
    {
        var response = await GetVersionResponseAsync(subject, version, cancellation);
        return response is { Id: { } id, Version: { } number }
            ? new SubjectVersion(subject, number, await RememberAsync(id, response, cancellation)) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<RegisteredSchema> RegisterAsync(string subject, SchemaDefinition schema, CancellationToken cancellation)
    {
        var response = await SendAsync(
            HttpMethod.Post, $"subjects/{Uri.EscapeDataString(subject)}/versions", SchemaRequest.Of(schema),
            RegistryJson.Plain.SchemaResponse, cancellation);
        return response?.Id is { } id && await GetAsync(id, cancellation) is { } registered
            ? registered
            : throw Unreachable($"it gave no id for the schema of {subject}", null);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteSubjectAsync(string subject, CancellationToken cancellation) =>
        await SendAsync(HttpMethod.Delete, $"subjects/{Uri.EscapeDataString(subject)}", null, RegistryJson.Plain.Int32Array,
            cancellation) is { Length: > 0 };

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private ValueTask<SchemaResponse?> GetVersionResponseAsync(string subject, int? version, CancellationToken cancellation) => SendAsync(
        HttpMethod.Get, $"subjects/{Uri.EscapeDataString(subject)}/versions/" +
            $"{version?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "latest"}", null,
        RegistryJson.Plain.SchemaResponse, cancellation);

    private async ValueTask<RegisteredSchema> RememberAsync(int id, SchemaResponse response, CancellationToken cancellation)
    {
        if (Find(id) is { } known)
            return known;
        var imports = new List<SchemaImport>();
        await ImportAsync(response, imports, [], MaxImportDepth, cancellation);
        var references = response.References?.Select(static reference => reference.ToReference()).ToArray() ?? [];
        if (_known.Count >= MaxRemembered)
            _known.Clear();
        return _known[id] = new RegisteredSchema(id, new ResolvedSchema(TypeOf(response), response.Schema ?? "", imports), references);
    }

    private async ValueTask ImportAsync(SchemaResponse schema, List<SchemaImport> imports, HashSet<string> names, int depth,
        CancellationToken cancellation)
    {
        if (depth == 0)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, "the references of a schema are nested too deeply");
        foreach (var reference in schema.References ?? [])
        {
            if (!names.Add(reference.Name))
                continue;
            var imported = await GetVersionResponseAsync(reference.Subject, reference.Version, cancellation)
                ?? throw new SqlException(
                    PostgresErrorCodes.UndefinedObject,
                    $"the schema registry has no version {reference.Version} of {reference.Subject}, which a schema refers to");
            await ImportAsync(imported, imports, names, depth - 1, cancellation);
            imports.Add(new(reference.Name, imported.Schema ?? ""));
        }
    }

    /// <summary>The answer; null when there is no such thing.</summary>
    private async ValueTask<T?> SendAsync<T>(HttpMethod method, string path, SchemaRequest? body, JsonTypeInfo<T> type,
        CancellationToken cancellation)
        where T : class
    {
        Exception? failure = null;
        foreach (var url in _urls)
        {
            using var request = new HttpRequestMessage(method, new Uri(url, path));
            if (body is not null)
                request.Content = JsonContent.Create(body, RegistryJson.Plain.SchemaRequest, new MediaTypeHeaderValue(ContentType));
            if (url.UserInfo.Length > 0)
                request.Headers.Authorization =
                    new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
            try
            {
                using var response = await _client.SendAsync(request, cancellation);
                if (response.IsSuccessStatusCode)
                    return await response.Content.ReadFromJsonAsync(type, cancellation);
                return response.StatusCode == HttpStatusCode.NotFound ? null : throw await RefusalAsync(response, cancellation);
            }
            catch (Exception error) when (error is HttpRequestException or JsonException
                || (error is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                failure = error;
            }
        }

        throw Unreachable(failure!.Message, failure);
    }

    private static async ValueTask<SqlException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var error = await response.Content.ReadFromJsonAsync(RegistryJson.Plain.ErrorResponse, cancellation);
        return RegistryException.ToSql(error?.ErrorCode ?? (int)response.StatusCode, error?.Message ?? response.ReasonPhrase ?? "", null);
    }

    private static SchemaType TypeOf(SchemaResponse response) => SchemaTypes.Find(response.SchemaType)
        ?? throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"schemas of type {response.SchemaType} are not supported");

    private SqlException Unreachable(string reason, Exception? inner) => new(
        PostgresErrorCodes.ConnectionFailure,
        $"the schema registry at {string.Join(", ", _urls.Select(static url => url.Authority))} cannot be used: {reason}",
        "Is --schema-registry right, and does the registry run?", inner: inner);
}

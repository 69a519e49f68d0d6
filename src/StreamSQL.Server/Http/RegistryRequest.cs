using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Server.Http;

/// <summary>A request of the Schema Registry API: what stands in its path, its query string and its body.</summary>
/// <param name="context">The request.</param>
/// <param name="registry">The registry that it is for.</param>
internal sealed class RegistryRequest(HttpContext context, SubjectRegistry registry)
{
    /// <summary>The registry that it is for.</summary>
    public SubjectRegistry Registry => registry;

    /// <summary>Cancelled when the client has gone.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The subject of the path; null when the path has none.</summary>
    public string? SubjectOrNull => context.Request.RouteValues.TryGetValue("subject", out var value) ? Unescape((string)value!) : null;

    /// <summary>The subject of the path.</summary>
    public string Subject => SubjectOrNull ?? "";

    /// <summary>The version of the path; null for the latest.</summary>
    /// <exception cref="RegistryException">42202: it is not a version.</exception>
    public int? Version => (string)context.Request.RouteValues["version"]! switch
    {
        "latest" or "-1" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0 => version,
        var text => throw new RegistryException(
            RegistryException.InvalidVersion,
            $"The specified version '{text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""),
    };

    /// <summary>The id of the path.</summary>
    /// <exception cref="RegistryException">40403: it is no number.</exception>
    public int Id() => (string)context.Request.RouteValues["id"]! is var text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw new RegistryException(RegistryException.SchemaNotFound, $"Schema {text} not found");

    /// <summary>The schema of the path's id.</summary>
    /// <exception cref="RegistryException">40403: there is none.</exception>
    public RegisteredSchema Schema() =>
        registry.Schema(Id()) ?? throw new RegistryException(RegistryException.SchemaNotFound, $"Schema {Id()} not found");

    /// <summary>A parameter of the query string; empty when it is not there.</summary>
    public string Text(string name) => context.Request.Query[name].ToString();

    /// <summary>A parameter of the query string that is true or false; false when it is not there.</summary>
    public bool Flag(string name) => bool.TryParse(Text(name), out var value) && value;

    /// <summary>The part of a list that <c>offset</c> and <c>limit</c> ask for.</summary>
    public IEnumerable<T> Page<T>(IReadOnlyList<T> all)
    {
        var offset = int.TryParse(Text("offset"), NumberStyles.None, CultureInfo.InvariantCulture, out var first) ? first : 0;
        var limit = int.TryParse(Text("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : all.Count;
        return all.Skip(offset).Take(limit);
    }

    /// <summary>The body.</summary>
    /// <exception cref="RegistryException">400: it is not such JSON, or too long.</exception>
    public async Task<T> ReadAsync<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, Aborted)
                ?? throw new RegistryException(StatusCodes.Status400BadRequest, "The request has no body");
        }
        catch (JsonException error)
        {
            throw new RegistryException(StatusCodes.Status400BadRequest, $"The request is not valid JSON: {error.Message}", error);
        }
        catch (BadHttpRequestException error)
        {
            throw new RegistryException(error.StatusCode, error.Message, error);
        }
    }

    // Routing leaves an escaped slash as it is, so that it does not end the part of the path.
    private static string Unescape(string subject) => subject.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}

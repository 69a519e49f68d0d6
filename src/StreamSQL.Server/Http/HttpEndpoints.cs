using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using StreamSQL.Engine.Queries;
using StreamSQL.Server.Hosting;

namespace StreamSQL.Server.Http;

/// <summary>What the HTTP listener answers: <c>/healthcheck</c>, <c>/info</c> and <c>/metrics</c> (Prometheus text format 0.0.4).</summary>
/// <param name="gates">What answers by now; until SQL does, the server is not healthy (503), and there is nothing to count.</param>
/// <param name="isBrokerOnly">Whether SQL is none of its business, so that it is healthy without.</param>
internal sealed class HttpEndpoints(Gates gates, bool isBrokerOnly)
{
    private const string Json = "application/json";
    private const string PrometheusText = "text/plain; version=0.0.4";
    private static readonly string Version = typeof(HttpEndpoints).Assembly.GetName().Version!.ToString(3);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/healthcheck", CheckHealthAsync);
        routes.Map("/info", context => WriteAsync(context, Json,
            $$$"""{"StreamSqlServerInfo":{"version":"{{{Version}}}","serverStatus":"{{{Status}}}"}}"""));
        routes.Map("/metrics", context => WriteAsync(context, PrometheusText, FormatMetrics()));
    }

    private bool IsReady => gates.Doors.IsCompletedSuccessfully;

    private bool IsHealthy => IsReady || (isBrokerOnly && gates.StandsBy);

    private string Status => IsHealthy ? "RUNNING" : gates.StandsBy ? "STANDING_BY" : "STARTING";

    private Task CheckHealthAsync(HttpContext context)
    {
        context.Response.StatusCode = IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return WriteAsync(context, Json, IsHealthy ? """{"isHealthy":true}""" : """{"isHealthy":false}""");
    }

    private static Task WriteAsync(HttpContext context, string contentType, string body)
    {
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    private string FormatMetrics()
    {
        var text = new StringBuilder();
        AppendHead(text, "process_resident_memory_bytes", "gauge", "Resident memory.");
        text.Append(CultureInfo.InvariantCulture, $"process_resident_memory_bytes {Environment.WorkingSet}\n");
        IReadOnlyList<QueryInfo> queries = IsReady ? gates.Doors.Result.Engine.Queries : [];
        AppendQueries(text, queries, "streamsql_query_rows_read_total", "Rows that a query read.", static query => query.RowsIn);
        AppendQueries(text, queries, "streamsql_query_rows_written_total", "Rows that a query wrote.", static query => query.RowsOut);
        AppendQueries(text, queries, "streamsql_query_late_rows_total", "Rows dropped because their window was closed.",
            static query => query.LateRows);
        AppendQueries(text, queries, "streamsql_query_bad_rows_total", "Records that did not parse.", static query => query.BadRows);
        return text.ToString();
    }

    private static void AppendQueries(StringBuilder text, IReadOnlyList<QueryInfo> queries, string name, string help,
        Func<QueryInfo, long> value)
    {
        AppendHead(text, name, "counter", help);
        foreach (var query in queries)
            text.Append(CultureInfo.InvariantCulture, $"{name}{{query=\"{query.Id}\"}} {value(query)}\n");
    }

    private static void AppendHead(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
}

using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Fabric.Hosting.Telemetry;

/// <summary>Gives the span of each request its name and the attributes of OpenTelemetry's convention. The web server makes the span but
/// leaves that to an instrumentation package, which can't be had where we build.</summary>
internal static class RequestSpans
{
    /// <summary>Names spans, when somebody listens.</summary>
    public static void UseRequestSpans(this IApplicationBuilder app) => app.Use(static async (http, next) =>
    {
        await next(http);
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span)
            Describe(span, http);
    });

    private static void Describe(Activity span, HttpContext http)
    {
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? http.Request.Method : $"{http.Request.Method} {route}";
        span.SetTag("http.request.method", http.Request.Method);
        span.SetTag("http.route", route);
        span.SetTag("url.path", http.Request.Path.Value);
        span.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }
}

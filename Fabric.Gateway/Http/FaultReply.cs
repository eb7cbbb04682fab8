using System.Text.Json;

namespace Fabric.Gateway.Http;

/// <summary>Writes a fault as its service does.</summary>
internal static class FaultReply
{
    /// <summary>What is down or too busy may be back soon; clients that mind the header wait so long.</summary>
    private const string RetryAfterSeconds = "1";

    /// <summary>Identity's middleware answers for every service when a token is missing or bad (source:
    /// <c>keystonemiddleware/auth_token</c>).</summary>
    internal static Task Unauthorized(HttpContext http, FaultStyle style)
    {
        http.Response.Headers.WWWAuthenticate = style.Challenge(Origin(http));
        return Reply.Json(new
        {
            error = new { code = 401, title = "Unauthorized", message = "The request you have made requires authentication." },
        }, 401).ExecuteAsync(http);
    }

    internal static async Task Write(HttpContext http, FaultStyle style, Fault fault)
    {
        if (http.Response.HasStarted)
        {
            // Part of an answer is out already: only cutting the connection tells the client that it is not whole.
            http.Abort();
            return;
        }

        if (style.Challenges(fault))
            http.Response.Headers.WWWAuthenticate = style.Challenge(Origin(http));
        if (fault.Kind == FaultKind.Unavailable)
            http.Response.Headers.RetryAfter = RetryAfterSeconds;
        var status = style.Status(fault);
        var body = style.Body(fault, status, (string)http.Items[RequestIds.ItemKey]!);
        if (body is string text)
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = style.ContentType;
            await http.Response.WriteAsync(text, http.RequestAborted);
            return;
        }

        await Reply.Json(body, status).ExecuteAsync(http);
    }

    private static string Origin(HttpContext http) => $"{http.Request.Scheme}://{http.Request.Host}";
}

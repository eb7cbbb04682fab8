namespace Fabric.Gateway.Http;

/// <summary>A body that is too large, as the middleware before OpenStack's services answers it, whatever the service's own errors look
/// like: by what the client accepts a page, JSON or plain text (sources: <c>oslo_middleware/sizelimit.py</c>,
/// <c>webob/exc.py</c>).</summary>
internal sealed class TooLargeReply(int mostBytes) : IResult
{
    private const string Status = "413 Request Entity Too Large";

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext http)
    {
        var accepted = http.Request.Headers.Accept.ToString();
        var why = $"Request is too large. Larger than max_request_body_size ({mostBytes}).";
        if (accepted.Length == 0 || Has(accepted, "text/html") || Has(accepted, "text/*") || Has(accepted, "*/*"))
        {
            return Write(http, "text/html; charset=UTF-8", $"<html>\n <head>\n  <title>{Status}</title>\n </head>\n <body>\n"
                + $"  <h1>{Status}</h1>\n  {why}<br /><br />\n\n\n\n </body>\n</html>");
        }

        return Has(accepted, "application/json") || Has(accepted, "application/*")
            ? Reply.Json(new { message = why + "<br /><br />\n\n\n", code = Status, title = Status[4..] }, 413).ExecuteAsync(http)
            : Write(http, "text/plain; charset=UTF-8", $"{Status}\n\n{why}\n\n   ");
    }

    private static bool Has(string accepted, string type) => accepted.Contains(type, StringComparison.OrdinalIgnoreCase);

    private static Task Write(HttpContext http, string type, string text)
    {
        http.Response.StatusCode = 413;
        http.Response.ContentType = type;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}

namespace Fabric.Gateway.Http;

/// <summary>Gives each request its id, <c>req-</c> and a UUID, before anything else runs, and answers it in <c>X-Openstack-Request-Id</c>
/// (source: <c>oslo_middleware/request_id.py</c>). A caller's own global id is kept for the logs when it has that form.</summary>
internal static class RequestIds
{
    internal const string ItemKey = "fabric.request-id";
    internal const string Header = "X-Openstack-Request-Id";

    /// <param name="http">The request.</param>
    /// <param name="another">A second header for the id; null for none.</param>
    internal static void Assign(HttpContext http, string? another)
    {
        var id = "req-" + Guid.NewGuid();
        http.Items[ItemKey] = id;
        http.Response.Headers[Header] = id;
        if (another is not null)
            http.Response.Headers[another] = id;
        http.TraceIdentifier = id;
    }

    internal static string? Global(HttpContext http)
    {
        var text = http.Request.Headers[Header].ToString();
        return text.StartsWith("req-", StringComparison.Ordinal) && ResourceIdText.TryParseUuid(text[4..], out _) ? text : null;
    }
}

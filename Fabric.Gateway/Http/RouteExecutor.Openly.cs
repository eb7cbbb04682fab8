using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Fabric.Gateway.Http;

/// <content>A service that makes no secret of its routes, as Keystone: whether the body can be read, and which methods a path has, is
/// answered before it is asked who comes.</content>
internal sealed partial class RouteExecutor
{
    /// <summary>Where the body waits that was read before the token.</summary>
    private static readonly object ReadAlready = new();

    private static readonly JsonElement Nothing = JsonDocument.Parse("{}").RootElement.Clone();

    /// <summary>Answers what needs no token; whether that was all.</summary>
    private async Task<bool> AnswerOpenly(HttpContext http, string method)
    {
        WithoutTrailingSlash(http);
        if (methods.GetValueOrDefault(method)?.At(default) is not [{ Streams: true } or { TakesForm: true }, ..])
            http.Items[ReadAlready] = await ReadAny(http);
        if (methods.ContainsKey(method))
            return false;
        if (!lines.Any(static line => line.Offers(default)))
            throw service.Faults.NoSuchRoute(http.Request.Path);
        http.Response.Headers.Allow = string.Join(", ", Allowed());
        if (!HttpMethods.IsOptions(method))
            throw NotAllowed();
        http.Response.ContentType = service.Faults.ContentType;
        http.Response.ContentLength = 0;
        return true;
    }

    /// <summary>A slash at the end means nothing, and links do not show it.</summary>
    private static void WithoutTrailingSlash(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        if (path.Length > 1 && path.EndsWith('/'))
            http.Request.Path = path.TrimEnd('/') is { Length: > 0 } rest ? rest : "/";
    }

    private IEnumerable<string> Allowed()
    {
        foreach (var method in methods.Keys.Order(StringComparer.Ordinal))
        {
            if (method == HttpMethods.Get && !methods.ContainsKey(HttpMethods.Head))
                yield return HttpMethods.Head;
            yield return method;
        }

        yield return HttpMethods.Options;
    }

    /// <summary>The body of any request that has one must be a JSON object; none is an empty one.</summary>
    private async Task<JsonElement> ReadAny(HttpContext http)
    {
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } || http.Request.ContentLength == 0)
            return Nothing;
        if (!IsJson(http.Request.ContentType))
            throw service.Faults.WrongType();
        var body = await ReadBody(http);
        return body.ValueKind == JsonValueKind.Object ? body : throw service.Faults.Malformed();
    }

    private static bool IsJson(string? type)
    {
        if (string.IsNullOrEmpty(type))
            return true;
        var media = type.Split(';')[0].Trim().ToLowerInvariant();
        return media == "application/json"
            || (media.StartsWith("application/", StringComparison.Ordinal) && media.EndsWith("+json", StringComparison.Ordinal));
    }
}

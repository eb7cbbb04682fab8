using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary>How identity wraps what it answers.</summary>
internal static class IdentityReplies
{
    private const string Links = "links";

    /// <summary>One thing.</summary>
    internal static IResult Member(string name, Dictionary<string, object?> body, int status = 200) =>
        Reply.Json(new Dictionary<string, object?> { [name] = body }, status);

    /// <summary>A list, with the links that Keystone answers though it never pages, cut at the longest that the operator wants.</summary>
    internal static IResult List(Call call, string name, IEnumerable<Dictionary<string, object?>> items)
    {
        var most = call.Get<IOptions<IdentityOptions>>().Value.ListLimit;
        Dictionary<string, object?>[] all = most is { } limit ? [.. items.Take(limit + 1)] : [.. items];
        if (most is null || all.Length <= most)
            return Whole(call, name, all);
        return Reply.Json(new Dictionary<string, object?>
        {
            [name] = all[..most.Value],
            [Links] = ListLinks(call),
            ["truncated"] = true,
        });
    }

    /// <summary>A list that is never cut.</summary>
    internal static IResult Whole(Call call, string name, IEnumerable<Dictionary<string, object?>> items) =>
        Reply.Json(new Dictionary<string, object?> { [name] = items.ToArray(), [Links] = ListLinks(call) });

    internal static object ListLinks(Call call) =>
        new { next = (string?)null, self = call.Origin + call.Http.Request.Path + call.Http.Request.QueryString, previous = (string?)null };

    /// <summary>The options that are set.</summary>
    internal static IReadOnlyDictionary<string, object?> Options(string? options) =>
        ExtraAttributes.Read(options).ToDictionary(static option => option.Key, static option => (object?)option.Value);

    /// <summary>The link of a thing to itself.</summary>
    internal static object SelfLink(Call call, string collection, string id) => new { self = $"{call.BaseUrl}/{collection}/{id}" };

    /// <summary>Those attributes once more, all in one: Keystone answers so to a change.</summary>
    internal static Dictionary<string, object?> WithExtraTwice(this Dictionary<string, object?> body, string? extra)
    {
        body["extra"] = ExtraAttributes.Read(extra).ToDictionary(
            static attribute => attribute.Key, attribute => attribute.Key == Links ? body[Links] : attribute.Value, StringComparer.Ordinal);
        return body;
    }

    /// <summary>The attributes that clients invented, beside those we know.</summary>
    internal static Dictionary<string, object?> WithExtra(this Dictionary<string, object?> body, string? extra)
    {
        foreach (var (name, value) in ExtraAttributes.Read(extra))
        {
            if (name == Links)
                body[Links] = Joined(body[Links], value);
            else
                body.TryAdd(name, value);
        }

        return body;
    }

    // Links that a client invented stand beside ours, which win.
    private static Dictionary<string, JsonElement> Joined(object? ours, JsonElement invented) =>
        invented.EnumerateObject().Concat(JsonSerializer.SerializeToElement(ours).EnumerateObject())
            .GroupBy(static link => link.Name, StringComparer.Ordinal)
            .ToDictionary(static same => same.Key, static same => same.Last().Value, StringComparer.Ordinal);
}

using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Identity;
using Microsoft.AspNetCore.Http.Features;

namespace Fabric.Gateway.Identity;

/// <summary><c>/projects/{id}/tags</c></summary>
internal static class TagEndpoints
{
    internal static async Task<IResult> List(Call call) => Tags(call, (await Find(call)).Tags);

    internal static async Task<IResult> Replace(Call call)
    {
        var tagged = await Find(call);
        IReadOnlyList<string> tags = [.. call.Body.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString()!.Trim())];
        await tagged.Set(tags);
        return Tags(call, tags);
    }

    internal static async Task<IResult> Clear(Call call)
    {
        await (await Find(call)).Set([]);
        return Reply.Empty();
    }

    internal static async Task<IResult> Show(Call call)
    {
        var tag = Named(call);
        return (await Find(call)).Tags.Contains(tag) ? Reply.Empty() : throw IdentityFaults.NotFound("project tag", tag);
    }

    internal static async Task<IResult> Add(Call call)
    {
        var tag = Named(call);
        var tagged = await Find(call);
        var error = IdentitySchemas.Tag.Check(JsonSerializer.SerializeToElement(tag), SchemaPath.Root)
            ?? IdentitySchemas.TagList.Check(JsonSerializer.SerializeToElement(tagged.Tags.Append(tag)), SchemaPath.Root);
        if (error is not null)
            throw Fault.BadRequest("SchemaValidationError", error.Message);
        await tagged.Add(tag.Trim());
        call.Http.Response.Headers.Location = $"{call.BaseUrl}/{tagged.Id}/tags/{Uri.EscapeDataString(tag)}";
        call.Http.Response.ContentType = "text/html; charset=utf-8";
        return Reply.Empty(201);
    }

    internal static async Task<IResult> Remove(Call call)
    {
        var tag = Named(call);
        await (await Find(call)).Remove(tag);
        return Reply.Empty();
    }

    /// <summary>Whether a project's tags are what a list's query asks for: all of, any of, not all of, none of.</summary>
    internal static bool Matches(IReadOnlyList<string> tags, Call call) =>
        (Asked(call, "tags") is not { } all || all.All(tags.Contains))
        && (Asked(call, "tags-any") is not { } any || any.Any(tags.Contains))
        && (Asked(call, "not-tags") is not { } notAll || !notAll.All(tags.Contains))
        && (Asked(call, "not-tags-any") is not { } none || !none.Any(tags.Contains));

    private static string[]? Asked(Call call, string name) => call.QueryAll(name).FirstOrDefault()?.Split(',');

    private static IResult Tags(Call call, IReadOnlyList<string> tags) =>
        Reply.Json(new { links = new { self = call.BaseUrl + call.Http.Request.QueryString }, tags });

    // Written as %2F, a slash is a slash to Keystone's web server all the same, and no path goes on below a tag.
    private static string Named(Call call) =>
        call.Http.Features.Get<IHttpRequestFeature>()!.RawTarget.Contains("%2F", StringComparison.OrdinalIgnoreCase)
            ? throw call.Service.Faults.NoSuchRoute(call.Http.Request.Path)
            : call.Path("value");

    // A user domain is found as the project that acts as it.
    private static async Task<Tagged> Find(Call call)
    {
        if (await ProjectEndpoints.FindActingDomain(call) is { } domain)
        {
            var acting = call.Grain<IUserDomainGrain>(domain.Id);
            return new(domain.Id.Text, domain.Tags, acting.SetTags, acting.AddTag, acting.RemoveTag);
        }

        var found = await ProjectEndpoints.Find(call);
        var project = call.Grain<IProjectGrain>(found.Id);
        return new(found.Id.Text, found.Tags, project.SetTags, project.AddTag, project.RemoveTag);
    }

    private sealed record Tagged(string Id, IReadOnlyList<string> Tags, Func<IReadOnlyList<string>, Task> Set, Func<string, Task> Add,
        Func<string, Task> Remove);
}

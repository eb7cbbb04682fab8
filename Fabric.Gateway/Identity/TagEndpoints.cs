using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/projects/{id}/tags</c></summary>
internal static class TagEndpoints
{
    internal static async Task<IResult> List(Call call) => Tags(call, (await ProjectEndpoints.Find(call)).Tags);

    internal static async Task<IResult> Replace(Call call)
    {
        var project = await ProjectEndpoints.Find(call);
        IReadOnlyList<string> tags = [.. call.Body.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString()!)];
        await call.Grain<IProjectGrain>(project.Id).SetTags(tags);
        return Tags(call, tags);
    }

    internal static async Task<IResult> Clear(Call call)
    {
        await call.Grain<IProjectGrain>((await ProjectEndpoints.Find(call)).Id).SetTags([]);
        return Reply.Empty();
    }

    internal static async Task<IResult> Show(Call call)
    {
        var tag = call.Path("value");
        return (await ProjectEndpoints.Find(call)).Tags.Contains(tag) ? Reply.Empty() : throw IdentityFaults.NotFound("project tag", tag);
    }

    internal static async Task<IResult> Add(Call call)
    {
        var project = await ProjectEndpoints.Find(call);
        var tag = call.Path("value");
        var error = IdentitySchemas.Tag.Check(JsonSerializer.SerializeToElement(tag), SchemaPath.Root)
            ?? IdentitySchemas.TagList.Check(JsonSerializer.SerializeToElement(project.Tags.Append(tag).Distinct()), SchemaPath.Root);
        if (error is not null)
            throw Fault.BadRequest("SchemaValidationError", error.Message);
        await call.Grain<IProjectGrain>(project.Id).AddTag(tag);
        call.Http.Response.Headers.Location = $"{call.BaseUrl}/projects/{project.Id}/tags/{Uri.EscapeDataString(tag)}";
        return Reply.Empty(201);
    }

    internal static async Task<IResult> Remove(Call call)
    {
        await call.Grain<IProjectGrain>((await ProjectEndpoints.Find(call)).Id).RemoveTag(call.Path("value"));
        return Reply.Empty();
    }

    /// <summary>Whether a project's tags are what a list's query asks for: all of, any of, not all of, none of.</summary>
    internal static bool Matches(IReadOnlyList<string> tags, Call call) =>
        (Asked(call, "tags") is not { } all || all.All(tags.Contains))
        && (Asked(call, "tags-any") is not { } any || any.Any(tags.Contains))
        && (Asked(call, "not-tags") is not { } notAll || !notAll.All(tags.Contains))
        && (Asked(call, "not-tags-any") is not { } none || !none.Any(tags.Contains));

    private static string[]? Asked(Call call, string name) => call.Query(name)?.Split(',');

    private static IResult Tags(Call call, IReadOnlyList<string> tags) =>
        Reply.Json(new { links = new { self = call.Origin + call.Http.Request.Path }, tags });
}

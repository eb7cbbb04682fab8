using Fabric.Gateway.Http;

namespace Fabric.Gateway.Compute;

/// <summary>Which versions there are; clients read it before they have a token.</summary>
internal static class VersionEndpoints
{
    /// <summary>When v2.1 was last changed by anything but microversions.</summary>
    private const string Updated = "2013-07-23T11:33:21Z";

    internal static Task<IResult> All(Call call) => Task.FromResult(Reply.Json(new
    {
        versions = new[]
        {
            new
            {
                id = "v2.1",
                status = "CURRENT",
                version = ComputeMicroversions.Window.Max.ToString(),
                min_version = ComputeMicroversions.Window.Min.ToString(),
                updated = Updated,
                links = new[] { new { rel = "self", href = Here(call) } },
            },
        },
    }));

    internal static Task<IResult> Current(Call call) => Task.FromResult(Reply.Json(new
    {
        version = new Dictionary<string, object>
        {
            ["id"] = "v2.1",
            ["status"] = "CURRENT",
            ["version"] = ComputeMicroversions.Window.Max.ToString(),
            ["min_version"] = ComputeMicroversions.Window.Min.ToString(),
            ["updated"] = Updated,
            ["links"] = new object[]
            {
                new { rel = "self", href = Here(call) },
                new { rel = "describedby", type = "text/html", href = "http://docs.openstack.org/" },
            },
            ["media-types"] = new[]
            {
                new Dictionary<string, string>
                {
                    ["base"] = "application/json", ["type"] = "application/vnd.openstack.compute+json;version=2.1",
                },
            },
        },
    }));

    /// <summary>Extensions are all built in; old clients only ask whether the list can be read.</summary>
    internal static Task<IResult> Extensions(Call call) => Task.FromResult(Reply.Json(new { extensions = Array.Empty<object>() }));

    private static string Here(Call call) => call.Origin + "/compute/v2.1/";
}

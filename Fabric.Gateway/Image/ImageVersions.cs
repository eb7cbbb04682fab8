using Fabric.Gateway.Http;

namespace Fabric.Gateway.Image;

/// <summary>The versions of the image API, all of them one path: a minor version only says what may be asked of it.</summary>
internal static class ImageVersions
{
    private static readonly string[] Minors = ["2.15", "2.9", "2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0"];

    /// <summary><c>/image</c>: a choice.</summary>
    internal static Task<IResult> Choose(Call call) => Task.FromResult(Reply.Json(Body(call), 300));

    /// <summary><c>/image/versions</c>: the same, as an answer.</summary>
    internal static Task<IResult> Show(Call call) => Task.FromResult(Reply.Json(Body(call)));

    private static object Body(Call call) => new
    {
        versions = Minors.Select((minor, place) => new
        {
            id = "v" + minor,
            status = place == 0 ? "CURRENT" : "SUPPORTED",
            links = new[] { new { rel = "self", href = call.BaseUrl + "/" } },
        }).ToArray(),
    };
}

using Fabric.Gateway.Compute;
using Fabric.Gateway.Http;
using Fabric.Gateway.Policy;
using Fabric.Grains.Image;
using Fabric.Grains.Nodes;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Image;

/// <summary>Images as nodes fetch them that have no store of their own: bytes alone, for who knows the nodes' secret. What is asked for was
/// chosen by a build that its user was allowed to make, so the image's visibility was checked there.</summary>
internal static class NodeImageApi
{
    internal static readonly ServiceApi Api = new()
    {
        Type = "node-images",
        Name = "fabric-node-images",
        Prefix = "/node/images",
        InCatalog = false,
        Policies = ServicePolicies.Glance,
        Faults = new ImageFaultStyle(),
        Routes = [new("GET", "/{image_id}", Download, ImagePolicies.DownloadByNode) { AtImages = true }],
    };

    private static Task<IResult> Download(Call call)
    {
        var id = call.Path("image_id");
        var secret = call.Get<IOptions<MetadataOptions>>().Value.SharedSecret;
        var now = call.Get<TimeProvider>().GetUtcNow();
        if (!NodeRequest.IsGenuine(
            Header(call, NodeRequest.Node), Header(call, NodeRequest.Time), Header(call, NodeRequest.Signature), $"GET images/{id}", now,
            secret))
            throw Fault.Forbidden("The request is not signed by a node.");
        if (!ImageId.TryParse(id, out var image))
            throw Fault.NotFound("ImageDataNotFound", $"Image data for image {id} could not be found.");
        var stream = call.Get<ImageFileStore>().OpenRead(image);
        return Task.FromResult(Results.Stream(stream, "application/octet-stream", enableRangeProcessing: true));
    }

    private static string Header(Call call, string name) => call.Http.Request.Headers[name].ToString();
}

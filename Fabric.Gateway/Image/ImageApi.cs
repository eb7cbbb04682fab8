using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Gateway.Policy;
using Fabric.Grains.Image;
using Fabric.Grains.Nodes;

namespace Fabric.Gateway.Image;

/// <summary>The image service: every route, nothing else.</summary>
internal static class ImageApi
{
    internal static readonly ServiceApi Api = new()
    {
        Type = "image",
        Name = "glance",
        Prefix = "/image/v2",
        CatalogPath = "/image",
        IgnoresTrailingSlash = false,
        Policies = ServicePolicies.Glance,
        Faults = new ImageFaultStyle(),
        Discovery =
        [
            new("GET", "/image", ImageVersions.Choose, ImagePolicies.Versions),
            new("GET", "/image/versions", ImageVersions.Show, ImagePolicies.Versions),
        ],
        Routes =
        [
            new("GET", "/images", ImageEndpoints.List, ImagePolicies.List),
            new("POST", "/images", ImageEndpoints.Create, ImagePolicies.Add) { Body = [new(null, ImageSchemas.Create)] },
            new("GET", "/images/{image_id}", ImageEndpoints.Show, ImagePolicies.Get),
            new("PATCH", "/images/{image_id}", ImageEndpoints.Update, ImagePolicies.Modify) { Body = [new(null, Schema.Any)] },
            new("DELETE", "/images/{image_id}", ImageEndpoints.Delete, ImagePolicies.Delete) { AtImages = true },
            new("GET", "/images/{image_id}/file", ImageDataEndpoints.Download, ImagePolicies.Download) { AtImages = true },
            new("PUT", "/images/{image_id}/file", ImageDataEndpoints.Upload, ImagePolicies.Upload)
            {
                Streams = true,
                AtImages = true,
            },
            new("POST", "/images/{image_id}/actions/deactivate", ImageEndpoints.Deactivate, ImagePolicies.Deactivate),
            new("POST", "/images/{image_id}/actions/reactivate", ImageEndpoints.Reactivate, ImagePolicies.Reactivate),
            new("PUT", "/images/{image_id}/tags/{tag}", ImageEndpoints.AddTag, ImagePolicies.Modify),
            new("DELETE", "/images/{image_id}/tags/{tag}", ImageEndpoints.RemoveTag, ImagePolicies.Modify),
            new("GET", "/images/{image_id}/members", ImageMemberEndpoints.List, ImagePolicies.GetMembers),
            new("POST", "/images/{image_id}/members", ImageMemberEndpoints.Add,
                ImagePolicies.AddMember) { Body = [new(null, ImageSchemas.AddMember)] },
            new("GET", "/images/{image_id}/members/{member_id}", ImageMemberEndpoints.Show, ImagePolicies.GetMember),
            new("PUT", "/images/{image_id}/members/{member_id}", ImageMemberEndpoints.Update, ImagePolicies.ModifyMember)
            {
                Body = [new(null, ImageSchemas.UpdateMember)],
            },
            new("DELETE", "/images/{image_id}/members/{member_id}", ImageMemberEndpoints.Delete, ImagePolicies.DeleteMember),
            new("GET", "/schemas/{name}", ImageSchemaEndpoints.Show, ImagePolicies.Discover),
            new("GET", "/info/import", ImageSchemaEndpoints.Import, ImagePolicies.Discover),
        ],
    };

    /// <summary>Registers what the handlers need where the images lie.</summary>
    internal static IServiceCollection AddImage(this IServiceCollection services) => services
        .AddSingleton<ImageUploads>()
        .AddSingleton<ImageFileStore>()
        .AddSingleton<IImageSource>(static provider => provider.GetRequiredService<ImageFileStore>())
        .AddHostedService<ImageStoreReconciler>();
}

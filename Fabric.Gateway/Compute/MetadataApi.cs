using Fabric.Gateway.Http;
using Fabric.Gateway.Policy;
using Fabric.Grains.Compute;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Compute;

/// <summary>What the metadata service must know.</summary>
public sealed class MetadataOptions
{
    /// <summary>Shared with the nodes' proxies, which sign the ids of the guests that ask. Without one nobody is answered. Default:
    /// none.</summary>
    public string SharedSecret { get; set; } = "";
}

/// <summary>What guests read at 169.254.169.254. Their node's proxy knows by the port who asks, and vouches for it with a signature
/// (source: <c>nova/api/metadata/handler.py</c>).</summary>
internal static class MetadataApi
{
    internal static readonly ServiceApi Api = new()
    {
        Type = "metadata",
        Name = "nova-metadata",
        Prefix = "/metadata",
        InCatalog = false,
        Policies = ServicePolicies.Nova,
        Faults = new MetadataFaults(),
        Routes = [new("GET", "/{**path}", Answer, ComputePolicies.Metadata)],
    };

    private static async Task<IResult> Answer(Call call)
    {
        var path = (string?)call.Http.Request.RouteValues["path"] ?? "";
        var server = await Asker(call);
        var ports = server.Nics.Count == 0 ? [] : await call.Get<IInstanceNetworks>().PortsOf(server.Id, call.Aborted);
        var answer = new InstanceMetadata(server, ports).Lookup(path) ?? throw Fault.NotFound("The resource could not be found.");
        return Results.Bytes(answer.Body, answer.ContentType);
    }

    private static async Task<InstanceState> Asker(Call call)
    {
        var id = Header(call, "X-Instance-ID");
        var signature = Header(call, "X-Instance-ID-Signature");
        var project = Header(call, "X-Tenant-ID");
        if (!NodeSignature.Verify(id, signature, call.Get<IOptions<MetadataOptions>>().Value.SharedSecret))
            throw Fault.Forbidden("Invalid proxy request signature.");
        var server = InstanceId.TryParse(id, out var instance)
            ? await call.Get<IResourceIndex>().Find<InstanceState>(InstanceState.Kind, instance.Text, call.Aborted)
            : null;
        return server is not null && server.ProjectId.Text == project ? server : throw Fault.NotFound("The resource could not be found.");
    }

    private static string Header(Call call, string name) => call.Http.Request.Headers[name] switch
    {
        { Count: 0 } => throw Fault.BadRequest($"{name} header is missing from request."),
        { Count: 1 } one => one.ToString(),
        _ => throw Fault.BadRequest($"Multiple {name} headers found within request."),
    };

    /// <summary>Guests read pages, not JSON.</summary>
    private sealed class MetadataFaults : FaultStyle
    {
        public override object Body(Fault fault, int status, string requestId) =>
            $"<html>\n <head>\n  <title>{status}</title>\n </head>\n <body>\n  <h1>{status}</h1>\n  "
            + $"{System.Net.WebUtility.HtmlEncode(fault.Message)}\n </body>\n</html>";
    }
}

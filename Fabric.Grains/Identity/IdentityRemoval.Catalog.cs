using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <content>What the catalog is made of, and policies.</content>
public sealed partial class IdentityRemoval
{
    /// <summary>A region with those below it, unless endpoints lie in one of them.</summary>
    public async Task RemoveRegion(string id, CancellationToken ct)
    {
        var catalog = await index.Catalog(ct);
        var below = catalog.Regions.ToLookup(static region => region.ParentRegionId);
        var all = new List<string> { id };
        for (var next = 0; next < all.Count; next++)
            all.AddRange(below[all[next]].Select(static region => region.Id).Where(region => !all.Contains(region)));
        if (catalog.Endpoints.Any(endpoint => endpoint.RegionId is { } region && all.Contains(region)))
        {
            throw new Fault(FaultKind.Forbidden, "RegionDeletionError",
                $"Unable to delete region {id} because it or its child regions have associated endpoints.");
        }

        // From the leaves up.
        foreach (var region in Enumerable.Reverse(all))
        {
            await EndPolicies("region", region, ct);
            await grains.GetGrain<IRegionGrain>(region).Delete();
        }
    }

    /// <summary>A service, and its endpoints.</summary>
    public async Task RemoveService(string id, CancellationToken ct)
    {
        foreach (var endpoint in (await index.Catalog(ct)).Endpoints.Where(endpoint => endpoint.ServiceId == id))
            await RemoveEndpoint(endpoint.Id, ct);
        await EndPolicies("service", id, ct);
        await grains.GetGrain<IServiceGrain>(id).Delete();
    }

    /// <summary>An endpoint, that it was chosen for projects, and its policy.</summary>
    public async Task RemoveEndpoint(string id, CancellationToken ct)
    {
        await Unlink("endpoint", id, ct);
        await EndPolicies("endpoint", id, ct);
        await grains.GetGrain<IEndpointGrain>(id).Delete();
    }

    /// <summary>A group of endpoints, and that it was chosen for projects.</summary>
    public async Task RemoveEndpointGroup(string id, CancellationToken ct)
    {
        await Unlink("group", id, ct);
        await grains.GetGrain<IEndpointGroupGrain>(id).Delete();
    }

    /// <summary>A policy, wherever it holds.</summary>
    public async Task RemovePolicy(string id, CancellationToken ct)
    {
        await EndPolicies("policy", id, ct);
        await grains.GetGrain<IPolicyGrain>(id).Delete();
    }

    private async Task Unlink(string reference, string id, CancellationToken ct)
    {
        var query = new ResourceQuery(IdentityKinds.EndpointLink).WithRef(reference, id);
        foreach (var link in await index.Records.ListIds(query, ct))
            await grains.GetGrain<IEndpointLinkGrain>(link).Unlink();
    }

    private async Task EndPolicies(string reference, string id, CancellationToken ct)
    {
        foreach (var held in await policies.With(reference, id, ct))
            await grains.GetGrain<IEndpointPolicyGrain>(held.Place.Key).Unset(held.PolicyId);
    }
}

using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Which policy holds where (source: <c>keystone/endpoint_policy/core.py</c>). Reads records alone.</summary>
public sealed class EndpointPolicies(IdentityIndex index)
{
    /// <summary>Whether that policy was set in that very place.</summary>
    public async Task<bool> Holds(string policy, PolicyPlace place, CancellationToken ct) => (await At(place, ct))?.PolicyId == policy;

    /// <summary>The endpoint's own policy, else that of its service in its region or the nearest one above, else that of its service; null
    /// when there is none.</summary>
    public async Task<PolicyState?> Of(EndpointState endpoint, CancellationToken ct)
    {
        var regions = (await index.Catalog(ct)).Regions.ToDictionary(static region => region.Id);
        var places = new List<PolicyPlace> { new(endpoint.Id) };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var region = endpoint.RegionId; region is not null && seen.Add(region); region = regions.GetValueOrDefault(
            region)?.ParentRegionId)
            places.Add(new(null, endpoint.ServiceId, region));
        places.Add(new(null, endpoint.ServiceId));
        foreach (var place in places)
        {
            if (await At(place, ct) is { } found)
                return await index.Records.Find<PolicyState>(IdentityKinds.Policy, found.PolicyId, ct);
        }

        return null;
    }

    /// <summary>The endpoints that a policy was set for: themselves, by their service, or by their service in a region and those
    /// below.</summary>
    public async Task<IReadOnlyList<EndpointState>> EndpointsOf(string policy, CancellationToken ct)
    {
        var catalog = await index.Catalog(ct);
        var below = catalog.Regions.ToLookup(static region => region.ParentRegionId);
        var query = new ResourceQuery(IdentityKinds.EndpointPolicy) { Descending = false }.WithRef("policy", policy);
        var found = new List<EndpointState>();
        foreach (var held in await index.Records.List<EndpointPolicyState>(query, ct))
        {
            var regions = held.Place.RegionId is { } top ? Tree(top, below) : null;
            found.AddRange(catalog.Endpoints.Where(endpoint => held.Place.EndpointId is { } id
                ? endpoint.Id == id
                : endpoint.ServiceId == held.Place.ServiceId && regions?.Contains(endpoint.RegionId ?? "") != false));
        }

        return found;
    }

    /// <summary>All places with a reference to something, for when that goes.</summary>
    internal Task<IReadOnlyList<EndpointPolicyState>> With(string reference, string id, CancellationToken ct) =>
        index.Records.List<EndpointPolicyState>(new ResourceQuery(IdentityKinds.EndpointPolicy).WithRef(reference, id), ct);

    private Task<EndpointPolicyState?> At(PolicyPlace place, CancellationToken ct) =>
        index.Records.Find<EndpointPolicyState>(IdentityKinds.EndpointPolicy, place.Key, ct);

    private static HashSet<string> Tree(string top, ILookup<string?, RegionState> below)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>([top]);
        while (next.TryDequeue(out var region))
        {
            if (!all.Add(region))
                continue;
            foreach (var child in below[region])
                next.Enqueue(child.Id);
        }

        return all;
    }
}

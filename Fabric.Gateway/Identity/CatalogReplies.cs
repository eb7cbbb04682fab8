using System.Collections.Concurrent;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary>Projects' catalogs as they were answered, kept until a service, an endpoint or a choice of them changes: clients ask for the
/// same one for each command.</summary>
internal sealed class CatalogReplies(IdentityIndex index, IOptions<IdentityOptions> options)
{
    /// <summary>Most that are kept; then all go. A catalog is some kilobytes.</summary>
    private const int Most = 1_000;

    private volatile Kept kept = new(null);

    /// <summary>The answer for a project.</summary>
    /// <param name="user">Who asks: an endpoint's address may have the user in it.</param>
    /// <param name="project">The project.</param>
    /// <param name="address">Where the cloud is for the client.</param>
    /// <param name="self">Where the answer is.</param>
    /// <param name="ct">The client has gone.</param>
    internal async ValueTask<ReadOnlyMemory<byte>> Of(
        UserId user, ProjectId project, string address, string self, CancellationToken ct)
    {
        // The index gives the same object for as long as nothing has changed.
        var now = await index.Catalog(ct);
        var current = kept;
        if (current.Catalog != now || current.Bodies.Count >= Most)
            kept = current = new(now);
        var key = (current.NamesUsers ? user : (UserId?)null, project, address, self);
        return current.Bodies.TryGetValue(key, out var body) ? body : current.Bodies[key] = Render(now, user, project, address, self);
    }

    private byte[] Render(CatalogSet catalog, UserId user, ProjectId project, string address, string self)
    {
        var seen = catalog.SeenBy(project.Text, options.Value.ReturnAllEndpointsIfNoFilter);
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            catalog = TokenBodies.Catalog(seen, address, user, project),
            links = new { self },
        }, Wire.Options);
    }

    private sealed class Kept(CatalogSet? catalog)
    {
        internal CatalogSet? Catalog => catalog;

        /// <summary>Whether an endpoint's address differs from user to user.</summary>
        internal bool NamesUsers { get; } = catalog?.Endpoints.Any(static endpoint => EndpointUrls.NamesUser(endpoint.Url)) == true;

        internal ConcurrentDictionary<(UserId? User, ProjectId Project, string Address, string Self), byte[]> Bodies { get; } = new();
    }
}

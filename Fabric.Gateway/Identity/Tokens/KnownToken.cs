namespace Fabric.Gateway.Identity.Tokens;

/// <summary>A token that was looked up.</summary>
internal sealed class KnownToken(string text, long version, ResolvedToken token)
{
    private volatile RenderedToken? rendered;

    /// <summary>As the client shows it.</summary>
    internal string Text => text;

    /// <summary>The version of identity's records that it was looked up in.</summary>
    internal long Version => version;
    internal ResolvedToken Token => token;
    internal Caller Caller { get; } = token.ToCaller();

    /// <summary>Whether it is a service's own.</summary>
    internal bool IsService => Caller.HasRole("service") || Caller.IsAdmin;

    /// <summary>Its body, made again only when the catalog or the address by which the client comes has changed.</summary>
    internal byte[] Body(string origin, long catalogVersion, bool withCatalog, Func<byte[]> render)
    {
        var kept = rendered;
        if (kept is not null && kept.CatalogVersion == catalogVersion && kept.WithCatalog == withCatalog && kept.Origin == origin)
            return kept.Json;
        var fresh = new RenderedToken(origin, catalogVersion, withCatalog, render());
        rendered = fresh;
        return fresh.Json;
    }

    private sealed record RenderedToken(string Origin, long CatalogVersion, bool WithCatalog, byte[] Json);
}

using System.Collections.Concurrent;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>
/// Answers "who is this?" for every request of every service. What a token stood for is kept by its text, with the version that
/// identity's records had before it was looked up; as long as the version stands, the answer does. When any of those records changes,
/// each token is looked up anew the next time it is shown, signature and all.
/// </summary>
internal sealed class TokenValidator(FernetKeys keys, TokenResolver resolver, IdentityIndex index, TimeProvider time) : ITokenValidator
{
    /// <summary>Half of the most tokens kept. Older ones fall out a generation at a time: no bookkeeping on a hit.</summary>
    private const int GenerationSize = 20_000;

    private ConcurrentDictionary<string, KnownToken> young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, KnownToken> old = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<Caller?> Validate(string token, CancellationToken ct) => (await Find(token, ct))?.Caller;

    /// <summary>What a token stands for; null when it is none, or stands for nothing any more.</summary>
    internal async ValueTask<KnownToken?> Find(string token, CancellationToken ct)
    {
        var version = await index.Version(IdentityKinds.Tokens, ct);
        var known = Kept(token);
        if (known is not null && known.Version == version && known.Token.Payload.ExpiresAt > time.GetUtcNow())
            return known;
        if (Open(token) is not { } payload || await resolver.Resolve(payload, ct) is not { } resolved)
        {
            Drop(token);
            return null;
        }

        var fresh = new KnownToken(token, version, resolved);
        Keep(fresh);
        return fresh;
    }

    /// <summary>Signs a token and keeps what it stands for.</summary>
    internal KnownToken Issue(ResolvedToken resolved, long version)
    {
        var text = keys.Primary.Seal(resolved.Payload.ToBytes(), resolved.Payload.IssuedAt);
        var known = new KnownToken(text, version, resolved);
        Keep(known);
        return known;
    }

    private TokenPayload? Open(string token)
    {
        if (FernetKey.Decode(token) is not { } bytes)
            return null;
        foreach (var key in keys.All)
        {
            if (key.Open(bytes) is { } content)
                return TokenPayload.FromBytes(content);
        }

        return null;
    }

    private KnownToken? Kept(string token)
    {
        if (young.TryGetValue(token, out var known))
            return known;
        if (old.TryGetValue(token, out known))
            Keep(known);
        return known;
    }

    private void Keep(KnownToken known)
    {
        var to = young;
        to[known.Text] = known;
        if (to.Count <= GenerationSize)
            return;
        // Two that come here at once lose a generation of a cache, nothing else.
        old = to;
        young = new(StringComparer.Ordinal);
    }

    private void Drop(string token)
    {
        young.TryRemove(token, out _);
        old.TryRemove(token, out _);
    }
}

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

using System.Collections.Concurrent;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>
/// Answers "who is this?" for every request of every service. What a token stood for is kept by its text, with the version that
/// identity's records had before it was looked up; as long as the version stands, the answer does. When any of those records changes,
/// each token is looked up anew the next time it is shown, signature and all. The log of revocations is asked each time.
/// </summary>
internal sealed class TokenValidator(
    TokenTexts texts, TokenResolver resolver, TokenEra era, RevocationLog revocations, TimeProvider time, IOptions<IdentityOptions> options)
    : ITokenValidator
{
    /// <summary>Half of the most tokens kept. Older ones fall out a generation at a time: no bookkeeping on a hit.</summary>
    private const int GenerationSize = 20_000;

    private ConcurrentDictionary<string, KnownToken> young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, KnownToken> old = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<Caller?> Validate(string token, AskedRequest asked, CancellationToken ct)
    {
        // What a signed request gave is for the service that was asked; identity takes it from nobody.
        // A service that shows its own token too may finish what it began for a user whose token has ended meanwhile, and may ask what
        // the user's application credential could not (source: keystonemiddleware/auth_token).
        var byService = asked.ServiceToken is { Length: > 0 } service && await Find(service, ct) is { } known && known.IsService;
        var found = await Find(token, ct) ?? (byService ? await FindExpired(token, ct) : null);
        if (found is null)
        {
            if (asked.ServiceType == IdentityApi.Api.Type)
                await Refuse(token, ct);
            return null;
        }

        if (asked.ServiceType == IdentityApi.Api.Type && found.Token.Payload.Methods.HasFlag(TokenMethods.Ec2Credential))
            throw IdentityFaults.Forbidden();
        return byService || AccessRules.Allow(found.Token.AppCredential?.AccessRules, asked) ? found.Caller : null;
    }

    // Identity itself tells a caller what its token lacks, if that is anything but the token; other services say that it is no good.
    private async Task Refuse(string token, CancellationToken ct)
    {
        if (texts.Open(token) is { } payload
            && (await resolver.Judge(payload, ct)).Why is { Kind: FaultKind.NotFound or FaultKind.Forbidden } why
            && why.Type != Resolution.Ended.Type)
            throw why;
    }

    /// <summary>What a token stands for; null when it is none, or stands for nothing any more.</summary>
    internal async ValueTask<KnownToken?> Find(string token, CancellationToken ct)
    {
        var now = await era.Now(ct);
        var known = Kept(token);
        if (known is null || known.Version < now.Records || known.Token.Ends <= time.GetUtcNow())
        {
            if (texts.Open(token) is not { } payload || await resolver.Resolve(payload, ct) is not { } resolved)
            {
                Drop(token);
                return null;
            }

            Keep(known = new(token, now.Records, resolved));
        }

        return await revocations.Voids(known.Token, now.Revocations, ct) ? null : known;
    }

    /// <summary>The same for a token that may have ended not long ago.</summary>
    internal async Task<KnownToken?> FindExpired(string token, CancellationToken ct)
    {
        var now = await era.Now(ct);
        if (texts.Open(token) is not { } payload || await resolver.Resolve(payload, ct, options.Value.AllowExpiredWindow) is not { } found)
            return null;
        return await revocations.Voids(found, now.Revocations, ct) ? null : new(token, now.Records, found);
    }

    /// <summary>Why a token stands for nothing, in Keystone's words.</summary>
    /// <param name="token">One that was not found.</param>
    /// <param name="ct">Stops.</param>
    /// <param name="mayBeExpired">Whether it was looked for among those that have ended not long ago.</param>
    internal async Task<Fault> Explain(string token, CancellationToken ct, bool mayBeExpired = false)
    {
        if (texts.Open(token) is not { } payload)
            return Resolution.Unreadable;
        var judged = await resolver.Judge(payload, ct, mayBeExpired ? options.Value.AllowExpiredWindow : default);
        return judged.Why switch
        {
            null => Resolution.Ended,
            { Kind: FaultKind.Unauthorized } => IdentityFaults.NotFound("token", token),
            var why => why,
        };
    }

    /// <summary>Signs a token and keeps what it stands for.</summary>
    /// <param name="resolved">What it stands for.</param>
    /// <param name="version">The version of the records before that was looked up.</param>
    internal KnownToken Issue(ResolvedToken resolved, long version)
    {
        var known = new KnownToken(texts.Write(resolved.Payload), version, resolved);
        Keep(known);
        return known;
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

using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Tokens as clients hold them: sealed by Fernet, or signed as a JSON web token. New ones have the form that the operator chose;
/// those of the other form stay good, so that the choice can be changed without anybody's logging in again.</summary>
internal sealed class TokenTexts(FernetKeys keys, JwsTokens jws, IOptions<IdentityOptions> options)
{
    internal string Write(TokenPayload payload) => options.Value.TokenProvider switch
    {
        "jws" => jws.Write(payload),
        _ => keys.Primary.Seal(payload.ToBytes(), payload.IssuedAt),
    };

    /// <summary>What a token says; null when no key of ours wrote it.</summary>
    internal TokenPayload? Open(string token)
    {
        if (token.Contains('.', StringComparison.Ordinal))
            return jws.Open(token);
        return keys.Open(token) is { } content ? TokenPayload.FromBytes(content) : null;
    }
}

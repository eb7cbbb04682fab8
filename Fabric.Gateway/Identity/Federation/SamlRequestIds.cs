using System.Globalization;
using System.Text;
using Fabric.Gateway.Identity.Tokens;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Ids of requests to SAML providers. An id says, sealed, to whom it went and when: so any gateway can tell whether an answer is
/// one to a question that this cloud asked.</summary>
internal sealed class SamlRequestIds(FernetKeys keys, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>A new id. It begins with a line, because a name in XML does not begin with a digit.</summary>
    internal string New(string provider, string protocol) => "_" + keys.Primary.Seal(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"saml\n{provider}\n{protocol}\n{time.GetUtcNow().ToUnixTimeSeconds()}")), time.GetUtcNow());

    /// <summary>Whether this cloud asked that provider so, not long ago.</summary>
    internal bool IsOurs(string id, string provider, string protocol)
    {
        if (id.Length < 2 || keys.Open(id[1..]) is not { } content
            || Encoding.UTF8.GetString(content).Split('\n') is not ["saml", var asked, var by, var at]
            || !long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return false;
        return asked == provider && by == protocol && DateTimeOffset.FromUnixTimeSeconds(seconds) + Lifetime > time.GetUtcNow();
    }
}

using System.Globalization;

namespace Fabric.Grains.Nodes;

/// <summary>What a node's request to a gateway carries besides its path: who asks, when, and a <see cref="NodeSignature"/> over both and
/// over what is asked for. The time bounds for how long a request that somebody overheard can be sent again.</summary>
public static class NodeRequest
{
    /// <summary>The node's name.</summary>
    public const string Node = "X-Fabric-Node";

    /// <summary>When it asked, in seconds since 1970.</summary>
    public const string Time = "X-Fabric-Time";

    /// <summary>The signature.</summary>
    public const string Signature = "X-Fabric-Signature";

    /// <summary>How far the clocks of a node and a gateway may be apart.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(5);

    /// <summary>The headers of a request.</summary>
    /// <param name="node">Who asks.</param>
    /// <param name="subject">What is asked for: verb and path, e.g. <c>GET images/ID</c>.</param>
    /// <param name="now">When.</param>
    /// <param name="secret">The secret shared with the gateways.</param>
    public static IEnumerable<(string Name, string Value)> Headers(string node, string subject, DateTimeOffset now, string secret)
    {
        var time = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return [(Node, node), (Time, time), (Signature, NodeSignature.Sign(Signed(node, time, subject), secret))];
    }

    /// <summary>Whether a node that knows the secret has asked for this, lately. Always false without a secret.</summary>
    public static bool IsGenuine(string node, string time, string signature, string subject, DateTimeOffset now, string secret) =>
        NodeSignature.Verify(Signed(node, time, subject), signature, secret)
        && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(now.ToUnixTimeSeconds() - seconds) <= MostSkew.TotalSeconds;

    private static string Signed(string node, string time, string subject) => $"{node}\n{time}\n{subject}";
}

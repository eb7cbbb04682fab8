using System.Globalization;
using System.Xml.Linq;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>What we write into a libvirt domain's metadata: that it is ours, and all the agent must know after its own restart. A domain
/// without it, or with another data directory's, is never touched.</summary>
internal sealed record GuestMark
{
    /// <summary>The XML namespace of the mark.</summary>
    public const string Namespace = "urn:fabric:node:1";

    /// <summary>Its prefix.</summary>
    public const string Prefix = "fabric";

    private static readonly XName Name = XName.Get("instance", Namespace);

    /// <summary>The data directory that the guest belongs to.</summary>
    public required string DataDirId { get; init; }

    /// <summary>The newest intent that was taken on.</summary>
    public required long Generation { get; init; }

    /// <summary>The intent that the guest was last restarted for.</summary>
    public long RebootedFor { get; init; }

    /// <summary>When the guest was first defined here.</summary>
    public required DateTimeOffset DefinedAt { get; init; }

    /// <summary>Digest of the definition without this mark: tells whether it is as wanted.</summary>
    public required string Shape { get; init; }

    /// <summary>As an element of a definition.</summary>
    public XElement ToElement() => new(Name, [new XAttribute(XNamespace.Xmlns + Prefix, Namespace), .. Attributes()]);

    /// <summary>As text for libvirt to set, which puts it into the namespace by itself and fails when it is in it already.</summary>
    public string ToXml() => new XElement(Name.LocalName, Attributes()).ToString(SaveOptions.DisableFormatting);

    /// <summary>Reads it back; null when the element is not such a mark.</summary>
    public static GuestMark? Parse(string xml)
    {
        var element = XElement.Parse(xml);
        return element.Name.LocalName != Name.LocalName || (string?)element.Attribute("data-dir") is not { } dataDir
            ? null
            : new()
            {
                DataDirId = dataDir,
                Generation = (long?)element.Attribute("generation") ?? 0,
                RebootedFor = (long?)element.Attribute("rebooted-for") ?? 0,
                DefinedAt = (DateTimeOffset?)element.Attribute("defined-at") ?? DateTimeOffset.UnixEpoch,
                Shape = (string?)element.Attribute("shape") ?? "",
            };
    }

    private XAttribute[] Attributes() =>
    [
        new("data-dir", DataDirId),
        new("generation", Generation),
        new("rebooted-for", RebootedFor),
        new("defined-at", DefinedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
        new("shape", Shape),
    ];
}

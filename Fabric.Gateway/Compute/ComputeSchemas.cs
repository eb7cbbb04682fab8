using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Compute;

/// <summary>Forms that many bodies share (source: <c>nova/api/validation/parameter_types.py</c>).</summary>
internal static class ComputeTypes
{
    /// <summary>The largest number a column of nova's database holds.</summary>
    private const int MaxInt = 0x7FFFFFFF;

    internal static readonly Schema Name = Schema.Both(Schema.Text(1, 255), Schema.Format("name", IsName));
    internal static readonly Schema Description = Schema.OrNull(Schema.Both(Schema.Text(0, 255), Schema.Format("regex", IsPrintable)));
    internal static readonly Schema LongDescription =
        Schema.OrNull(Schema.Both(Schema.Text(0, 65_535), Schema.Format("regex", IsPrintable)));
    internal static readonly Schema HostName = Schema.Text(2, 63, "^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$");
    internal static readonly Schema Fqdn = Schema.Text(1, 255, "^[a-zA-Z0-9-._]*$");
    internal static readonly Schema Tag = Schema.Text(1, 60, "^[^,/]*$");
    internal static readonly Schema Metadata = Schema.Map(Schema.Text(0, 255), "^[a-zA-Z0-9-_:. ]{1,255}$");
    internal static readonly Schema Positive = Schema.LooseInteger(1, MaxInt);
    internal static readonly Schema NotNegative = Schema.LooseInteger(0, MaxInt);
    internal static readonly Schema Limit = Schema.LooseInteger(-1, MaxInt);
    internal static readonly Schema DiskConfig = Schema.OneOf("AUTO", "MANUAL");
    internal static readonly Schema Ip =
        Schema.Either(Address("ipv4", AddressFamily.InterNetwork), Address("ipv6", AddressFamily.InterNetworkV6));
    internal static readonly Schema Ipv4 = Address("ipv4", AddressFamily.InterNetwork);
    internal static readonly Schema Ipv6 = Address("ipv6", AddressFamily.InterNetworkV6);
    internal static readonly Schema Base64 =
        Schema.Format("base64", static text => Convert.TryFromBase64String(text, new byte[text.Length], out _));

    /// <summary>Printable, with something to see at both ends.</summary>
    private static bool IsName(string text) =>
        text.Length > 0 && IsPrintable(text) && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]);

    private static bool IsPrintable(string text) => text.All(static letter => char.GetUnicodeCategory(letter) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));

    private static Schema Address(string format, AddressFamily family) => Schema.Format(format, text =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == family
        && (family == AddressFamily.InterNetworkV6 || text.Count(static letter => letter == '.') == 3));
}

/// <summary>The forms of the bodies besides those of servers (source: <c>nova/api/openstack/compute/schemas</c>).</summary>
internal static class ComputeSchemas
{
    internal static readonly IReadOnlyList<BodySchema> CreateFlavor;
    internal static readonly IReadOnlyList<BodySchema> UpdateFlavor =
    [
        new(null, In("flavor", Schema.Object(("description", ComputeTypes.LongDescription)).Require("description"))),
    ];

    internal static readonly IReadOnlyList<BodySchema> AddTenantAccess =
        [new(null, In("addTenantAccess", Schema.Object(("tenant", Schema.Text(1, 255))).Require("tenant")))];

    internal static readonly IReadOnlyList<BodySchema> RemoveTenantAccess =
        [new(null, In("removeTenantAccess", Schema.Object(("tenant", Schema.Text(1, 255))).Require("tenant")))];

    private static readonly ObjectSchema ExtraSpecs = Schema.Map(
        Schema.Either(Schema.Text(0, 255), Schema.Number()), "^[a-zA-Z0-9-_:. ]{1,255}$");

    internal static readonly IReadOnlyList<BodySchema> CreateExtraSpecs = [new(null, In("extra_specs", ExtraSpecs))];
    internal static readonly IReadOnlyList<BodySchema> UpdateExtraSpec =
    [
        new(null, Schema.Map(Schema.Either(Schema.Text(0, 255), Schema.Number()), "^[a-zA-Z0-9-_:. ]{1,255}$", max: 1).AtLeast(1)),
    ];

    internal static readonly IReadOnlyList<BodySchema> CreateKeyPair = KeyPairs();
    internal static readonly IReadOnlyList<BodySchema> CreateServerGroup = ServerGroups();
    internal static readonly IReadOnlyList<BodySchema> UpdateQuota = Quotas("quota_set", ("force", Schema.LooseBool));
    internal static readonly IReadOnlyList<BodySchema> UpdateQuotaClass = Quotas("quota_class_set");

    static ComputeSchemas()
    {
        var flavor = Schema.Object(
            ("name", ComputeTypes.Name),
            ("id", Schema.OrNull(Schema.Either(Schema.Text(1, 255, "^(?! )[a-zA-Z0-9. _-]+(?<! )$"), Schema.Number()))),
            ("ram", ComputeTypes.Positive),
            ("vcpus", ComputeTypes.Positive),
            ("disk", ComputeTypes.NotNegative),
            ("OS-FLV-EXT-DATA:ephemeral", ComputeTypes.NotNegative),
            ("swap", ComputeTypes.NotNegative),
            ("rxtx_factor", Schema.Either(Schema.Number(double.Epsilon, 3.40282e+38), Schema.Text(1, 255, @"^[0-9]+(\.[0-9]+)?$"))),
            ("os-flavor-access:is_public", Schema.LooseBool)).Require("name", "ram", "vcpus", "disk");
        CreateFlavor =
        [
            new(null, In("flavor", flavor)),
            new("2.55", In("flavor", flavor.With(("description", ComputeTypes.LongDescription)))),
        ];
    }

    /// <summary>An object with one demanded property.</summary>
    internal static ObjectSchema In(string name, Schema schema) => Schema.Object((name, schema)).Require(name);

    private static BodySchema[] KeyPairs()
    {
        var name = Schema.Both(ComputeTypes.Name, Schema.Format("keypair_name_20", static text => text.All(IsPlain)));
        var newer = Schema.Both(ComputeTypes.Name,
            Schema.Format("keypair_name_292", static text => text.All(static c => IsPlain(c) || c is '@' or '.')));
        var first = Schema.Object(("name", name), ("public_key", Schema.Text())).Require("name");
        var typed = first.With(("type", Schema.OneOf("ssh", "x509")));
        var owned = typed.With(("user_id", Schema.Text()));
        return
        [
            new(null, In("keypair", first)),
            new("2.2", In("keypair", typed)),
            new("2.10", In("keypair", owned)),
            new("2.92", In("keypair", owned.With(("name", newer)).Require("name", "public_key"))),
        ];

        static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is ' ' or '-' or '_';
    }

    private static BodySchema[] ServerGroups()
    {
        static ObjectSchema Listed(params string[] policies) => Schema.Object(
            ("name", ComputeTypes.Name), ("policies", Schema.Array(Schema.OneOf(policies), 1, 1))).Require("name", "policies");
        var one = Schema.Object(
            ("name", ComputeTypes.Name),
            ("policy", Schema.OneOf("anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity")),
            ("rules", Schema.Object(("max_server_per_host", ComputeTypes.Positive)))).Require("name", "policy");
        return
        [
            new(null, In("server_group", Listed("anti-affinity", "affinity"))),
            new("2.15", In("server_group", Listed("anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"))),
            new("2.64", In("server_group", one)),
        ];
    }

    /// <summary>Quotas of networking went from the API in one version, those of injected files in another.</summary>
    private static BodySchema[] Quotas(string name, params (string Name, Schema Schema)[] more)
    {
        string[] network = ["fixed_ips", "floating_ips", "security_groups", "security_group_rules", "networks"];
        string[] files = ["injected_files", "injected_file_content_bytes", "injected_file_path_bytes"];
        (string, Schema)[] all =
        [
            .. Fabric.Grains.Compute.ComputeQuotas.Defaults.Select(static quota => (quota.Name, ComputeTypes.Limit)),
            ("networks", ComputeTypes.Limit),
            .. more,
        ];
        var first = Schema.Object(all);
        return
        [
            new(null, In(name, first)),
            new(name == "quota_set" ? "2.36" : "2.50", In(name, first.Without(network))),
            new("2.57", In(name, first.Without(network).Without(files))),
        ];
    }
}

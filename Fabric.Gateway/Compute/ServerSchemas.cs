using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Compute;

/// <summary>The forms of servers' bodies (source: <c>nova/api/openstack/compute/schemas/servers.py</c>).</summary>
internal static class ServerSchemas
{
    internal static readonly IReadOnlyList<BodySchema> Create = Creates();
    internal static readonly IReadOnlyList<BodySchema> Update = Updates();
    internal static readonly IReadOnlyList<BodySchema> Reboot =
    [
        new(null, ComputeSchemas.In("reboot",
            Schema.Object(("type", Schema.OneOf("HARD", "Hard", "hard", "SOFT", "Soft", "soft"))).Require("type"))),
    ];

    internal static readonly IReadOnlyList<BodySchema> ConsoleOutput =
        [new(null, ComputeSchemas.In("os-getConsoleOutput", Schema.Object(("length", Schema.OrNull(Schema.LooseInteger(-1))))))];

    internal static readonly IReadOnlyList<BodySchema> ResetState =
        [new(null, ComputeSchemas.In("os-resetState", Schema.Object(("state", Schema.OneOf("active", "error"))).Require("state")))];

    internal static readonly IReadOnlyList<BodySchema> Lock =
    [
        new(null, Schema.Map(Schema.Any)),
        new("2.73", ComputeSchemas.In("lock", Schema.OrNull(Schema.Object(("locked_reason", Schema.Text(1, 255)))))),
    ];

    internal static readonly IReadOnlyList<BodySchema> Metadata = [new(null, ComputeSchemas.In("metadata", ComputeTypes.Metadata))];
    internal static readonly IReadOnlyList<BodySchema> MetadataItem =
    [
        new(null, ComputeSchemas.In("meta", Schema.Map(Schema.Text(0, 255), "^[a-zA-Z0-9-_:. ]{1,255}$", max: 1).AtLeast(1))),
    ];

    internal static readonly IReadOnlyList<BodySchema> Tags =
        [new(null, ComputeSchemas.In("tags", Schema.Array(ComputeTypes.Tag, 0, Fabric.Grains.Compute.InstanceState.MostTags)))];

    private static BodySchema[] Creates()
    {
        var server = First();
        var described = server.With(("description", ComputeTypes.Description));
        var networks = Networks(tags: true, uuid: Schema.Text());
        var tagged = described.With(("networks", networks));
        var volumes = BlockDevices(("tag", ComputeTypes.Tag));
        var chosen = tagged.With(("networks", Chosen(tags: false))).Require("name", "flavorRef", "networks");
        var again = chosen.With(("networks", Chosen(tags: true)), ("block_device_mapping_v2", volumes));
        var withTags = again.With(("tags", Schema.Array(ComputeTypes.Tag, 0, Fabric.Grains.Compute.InstanceState.MostTags)));
        var plain = withTags.Without("personality");
        var certified = plain.With(("trusted_image_certificates", Schema.OrNull(Schema.Array(Schema.Text(1), 1, 50, unique: true))));
        var typed = certified.With(
            ("block_device_mapping_v2", BlockDevices(("tag", ComputeTypes.Tag), ("volume_type", Schema.OrNull(Schema.Text(0, 255))))));
        var placed = typed.With(("host", ComputeTypes.Fqdn), ("hypervisor_hostname", ComputeTypes.Fqdn));
        return
        [
            new(null, Body(server)),
            new("2.19", Body(described)),
            new("2.32", Body(tagged.With(("block_device_mapping_v2", volumes)))),
            new("2.33", Body(tagged)),
            new("2.37", Body(chosen)),
            new("2.42", Body(again)),
            new("2.52", Body(withTags)),
            new("2.57", Body(plain)),
            new("2.63", Body(certified)),
            new("2.67", Body(typed)),
            new("2.74", Body(placed)),
            new("2.90", Body(placed.With(("hostname", ComputeTypes.HostName)))),
        ];
    }

    private static ObjectSchema First() => Schema.Object(
        ("name", ComputeTypes.Name),
        ("imageRef", Schema.Either(Schema.Uuid, Schema.Text(0, 0))),
        ("flavorRef", Schema.Either(Schema.Text(1), Schema.Integer())),
        ("adminPass", Schema.Text()),
        ("metadata", ComputeTypes.Metadata),
        ("networks", Networks(tags: false, uuid: Schema.Text())),
        ("OS-DCF:diskConfig", ComputeTypes.DiskConfig),
        ("accessIPv4", ComputeTypes.Ipv4),
        ("accessIPv6", ComputeTypes.Ipv6),
        ("personality", Schema.Array(Schema.Object(("path", Schema.Text()), ("contents", ComputeTypes.Base64)))),
        ("availability_zone", ComputeTypes.Name),
        ("block_device_mapping", Schema.Array(Schema.Map(Schema.Any))),
        ("block_device_mapping_v2", BlockDevices()),
        ("config_drive", Schema.LooseBool),
        ("key_name", ComputeTypes.Name),
        ("min_count", ComputeTypes.Positive),
        ("max_count", ComputeTypes.Positive),
        ("return_reservation_id", Schema.LooseBool),
        ("security_groups", Schema.Array(Schema.Object(("name", ComputeTypes.Name)))),
        ("user_data", Schema.Both(Schema.Text(0, 65_535), ComputeTypes.Base64))).Require("name", "flavorRef");

    private static ObjectSchema Body(ObjectSchema server)
    {
        var hints = Schema.Object(("group", Schema.Uuid)).Additional(Schema.Any);
        return Schema.Object(("server", server), ("os:scheduler_hints", hints), ("OS-SCH-HNT:scheduler_hints", hints)).Require("server");
    }

    private static Schema Networks(bool tags, Schema uuid)
    {
        var network = Schema.Object(("fixed_ip", ComputeTypes.Ip), ("port", Schema.OrNull(Schema.Uuid)), ("uuid", uuid));
        return Schema.Array(tags ? network.With(("tag", ComputeTypes.Tag)) : network);
    }

    private static Schema Chosen(bool tags) => Schema.Either(Networks(tags, Schema.Uuid), Schema.OneOf("none", "auto"));

    private static Schema BlockDevices(params (string Name, Schema Schema)[] more) => Schema.Array(Schema.Object(
        ("virtual_name", Schema.Text(0, 255)),
        ("volume_id", Schema.Uuid),
        ("snapshot_id", Schema.Uuid),
        ("volume_size", ComputeTypes.Positive),
        ("device_name", Schema.Text(1, 255, "^[a-zA-Z0-9._/-]*$")),
        ("delete_on_termination", Schema.LooseBool),
        ("no_device", Schema.Any),
        ("connection_info", Schema.Text()),
        ("source_type", Schema.OneOf("volume", "image", "snapshot", "blank")),
        ("uuid", Schema.Text(1, 255, "^[a-zA-Z0-9._-]*$")),
        ("image_id", Schema.Uuid),
        ("destination_type", Schema.OneOf("local", "volume")),
        ("guest_format", Schema.Text(0, 255)),
        ("device_type", Schema.Text(0, 255)),
        ("disk_bus", Schema.Text(0, 255)),
        ("boot_index", Schema.OrNull(Schema.LooseInteger()))).With(more));

    private static BodySchema[] Updates()
    {
        var server = Schema.Object(
            ("name", ComputeTypes.Name),
            ("OS-DCF:diskConfig", ComputeTypes.DiskConfig),
            ("accessIPv4", ComputeTypes.Ipv4),
            ("accessIPv6", ComputeTypes.Ipv6));
        var described = server.With(("description", ComputeTypes.Description));
        return
        [
            new(null, ComputeSchemas.In("server", server)),
            new("2.19", ComputeSchemas.In("server", described)),
            new("2.90", ComputeSchemas.In("server", described.With(("hostname", ComputeTypes.HostName)))),
        ];
    }
}

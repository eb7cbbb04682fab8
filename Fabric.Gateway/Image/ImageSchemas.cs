using System.Collections.Frozen;
using System.Text.Json;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Image;

/// <summary>The forms of glance's bodies (source: <c>glance/api/v2/images.py</c> get_base_properties, and the formats of its default
/// configuration).</summary>
internal static class ImageSchemas
{
    internal static readonly FrozenSet<string> DiskFormats =
        FrozenSet.ToFrozenSet(["ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"], StringComparer.Ordinal);

    internal static readonly FrozenSet<string> ContainerFormats =
        FrozenSet.ToFrozenSet(["ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"], StringComparer.Ordinal);

    /// <summary>Set by the service; a request that tries is refused.</summary>
    internal static readonly FrozenSet<string> ReadOnly = FrozenSet.ToFrozenSet(
        ["created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self", "file", "schema", "id",
            "os_hash_algo",
            "os_hash_value", "stores"],
        StringComparer.Ordinal);

    /// <summary>Not to be used as property names.</summary>
    internal static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(
        ["location", "deleted", "deleted_at", "locations"], StringComparer.Ordinal);

    internal static readonly Schema Tags = Schema.Array(Schema.Text(0, 255), max: 128);

    private static readonly (string Name, Schema Schema)[] Base =
    [
        ("name", Schema.OrNull(Schema.Text(0, 255))),
        ("visibility", Schema.OneOf("community", "public", "private", "shared")),
        ("protected", Schema.Bool),
        ("os_hidden", Schema.Bool),
        ("owner", Schema.OrNull(Schema.Text(0, 255))),
        ("container_format", new NullOrOneOf(ContainerFormats)),
        ("disk_format", new NullOrOneOf(DiskFormats)),
        ("tags", Tags),
        ("min_ram", Schema.Integer(0, int.MaxValue)),
        ("min_disk", Schema.Integer(0, int.MaxValue)),
    ];

    /// <summary>One attribute or more of an image; a free property is a string.</summary>
    internal static readonly Schema Attributes = Schema.Object(Base).Additional(Schema.OrNull(Schema.Text(0, 65_535)));

    internal static readonly Schema Create = Schema.Object([.. Base, ("id", Schema.Uuid)]).Additional(Schema.Any);

    internal static readonly Schema AddMember = Schema.Object(("member", Schema.Text(1, 255))).Require("member").Additional(Schema.Any);

    internal static readonly Schema UpdateMember =
        Schema.Object(("status", Schema.OneOf("pending", "accepted", "rejected"))).Require("status").Additional(Schema.Any);

    /// <summary>Glance lists None first among a format's allowed values.</summary>
    private sealed class NullOrOneOf(FrozenSet<string> values) : Schema
    {
        public override SchemaError? Check(JsonElement value, SchemaPath path)
        {
            if (value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && values.Contains(value.GetString()!)))
                return null;
            var all = values.Order(StringComparer.Ordinal).Select(PythonRepr.Of).Prepend("None");
            return path.Error(value, $"{PythonRepr.Of(value)} is not one of [{string.Join(", ", all)}]");
        }
    }
}

using System.Text.Json.Nodes;
using Fabric.Gateway.Http;

namespace Fabric.Gateway.Image;

/// <summary><c>/schemas</c> and <c>/info</c>: what clients ask before they build a request.</summary>
internal static class ImageSchemaEndpoints
{
    internal static Task<IResult> Show(Call call) => Task.FromResult(call.Path("name") switch
    {
        "image" => Reply.Json(Image()),
        "images" => Reply.Json(List("images", Image())),
        "member" => Reply.Json(Member()),
        "members" => Reply.Json(List("members", Member())),
        _ => throw Fault.NotFound("The resource could not be found."),
    });

    /// <summary>No import methods are offered: data comes by upload.</summary>
    internal static Task<IResult> Import(Call call) => Task.FromResult(Reply.Json(new JsonObject
    {
        ["import-methods"] = new JsonObject { ["description"] = "Import methods available.", ["type"] = "array",
            ["value"] = new JsonArray() },
    }));

    private static JsonObject Image() => new()
    {
        ["name"] = "image",
        ["properties"] = new JsonObject
        {
            ["id"] = Text("An identifier for the image"),
            ["name"] = Text("Descriptive name for the image", orNull: true, max: 255),
            ["status"] = Choice("Status of the image", readOnly: true, "queued", "saving", "active", "killed", "deleted", "uploading",
                "importing", "pending_delete", "deactivated"),
            ["visibility"] = Choice("Scope of image accessibility", readOnly: false, "community", "public", "private", "shared"),
            ["protected"] = new JsonObject { ["type"] = "boolean", ["description"] = "If true, image will not be deletable." },
            ["os_hidden"] = new JsonObject { ["type"] = "boolean",
                ["description"] = "If true, image will not appear in default image list response." },
            ["checksum"] = Text("md5 hash of image contents.", orNull: true, readOnly: true, max: 32),
            ["os_hash_algo"] = Text("Algorithm to calculate the os_hash_value", orNull: true, readOnly: true, max: 64),
            ["os_hash_value"] = Text("Hexdigest of the image contents using the algorithm specified by the os_hash_algo", orNull: true,
                readOnly: true, max: 128),
            ["owner"] = Text("Owner of the image", orNull: true, max: 255),
            ["size"] = Number("Size of image file in bytes", readOnly: true),
            ["virtual_size"] = Number("Virtual size of image in bytes", readOnly: true),
            ["container_format"] = Choice(
                "Format of the container", readOnly: false, [.. ImageSchemas.ContainerFormats.Order(StringComparer.Ordinal)]),
            ["disk_format"] = Choice("Format of the disk", readOnly: false, [.. ImageSchemas.DiskFormats.Order(StringComparer.Ordinal)]),
            ["created_at"] = Text("Date and time of image registration", readOnly: true),
            ["updated_at"] = Text("Date and time of the last image modification", readOnly: true),
            ["tags"] = new JsonObject { ["type"] = "array", ["description"] = "List of strings related to the image",
                ["items"] = new JsonObject { ["type"] = "string", ["maxLength"] = 255 } },
            ["min_ram"] = Number("Amount of ram (in MB) required to boot image.", readOnly: false),
            ["min_disk"] = Number("Amount of disk space (in GB) required to boot image.", readOnly: false),
            ["self"] = Text("An image self url", readOnly: true),
            ["file"] = Text("An image file url", readOnly: true),
            ["schema"] = Text("An image schema url", readOnly: true),
        },
        ["additionalProperties"] = new JsonObject { ["type"] = "string" },
        ["links"] = new JsonArray(Link("self", "{self}"), Link("enclosure", "{file}"), Link("describedby", "{schema}")),
    };

    private static JsonObject Member() => new()
    {
        ["name"] = "member",
        ["properties"] = new JsonObject
        {
            ["member_id"] = Text("An identifier for the image member (tenantId)"),
            ["image_id"] = Text("An identifier for the image"),
            ["created_at"] = Text("Date and time of image member creation"),
            ["updated_at"] = Text("Date and time of last modification of image member"),
            ["status"] = Choice("The status of this image member", readOnly: false, "pending", "accepted", "rejected"),
            ["schema"] = Text("An image member schema url", readOnly: true),
        },
    };

    private static JsonObject List(string name, JsonObject item) => new()
    {
        ["name"] = name,
        ["properties"] = new JsonObject
        {
            [name] = new JsonObject { ["type"] = "array", ["items"] = item },
            ["first"] = new JsonObject { ["type"] = "string" },
            ["next"] = new JsonObject { ["type"] = "string" },
            ["schema"] = new JsonObject { ["type"] = "string" },
        },
        ["links"] = new JsonArray(Link("first", "{first}"), Link("next", "{next}"), Link("describedby", "{schema}")),
    };

    private static JsonObject Text(string description, bool orNull = false, bool readOnly = false, int? max = null)
    {
        var text = new JsonObject { ["type"] = orNull ? new JsonArray("null", "string") : "string", ["description"] = description };
        if (readOnly)
            text["readOnly"] = true;
        if (max is { } most)
            text["maxLength"] = most;
        return text;
    }

    private static JsonObject Number(string description, bool readOnly)
    {
        var number = new JsonObject { ["type"] = readOnly ? new JsonArray("null", "integer") : "integer", ["description"] = description };
        if (readOnly)
            number["readOnly"] = true;
        return number;
    }

    private static JsonObject Choice(string description, bool readOnly, params string[] values)
    {
        var choice = Text(description, readOnly: readOnly);
        choice["enum"] = new JsonArray([.. values.Select(static value => (JsonNode)value)]);
        return choice;
    }

    private static JsonObject Link(string relation, string href) => new() { ["rel"] = relation, ["href"] = href };
}

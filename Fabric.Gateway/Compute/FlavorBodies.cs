using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;

namespace Fabric.Gateway.Compute;

/// <summary>Flavors on the wire.</summary>
internal static class FlavorBodies
{
    /// <summary>A flavor from a validated body.</summary>
    internal static FlavorState Read(JsonElement body, Microversion version) => new()
    {
        Id = body.Text("id") ?? Guid.NewGuid().ToString(),
        Name = body.Text("name")!.Trim(),
        MemoryMiB = body.Int("ram", 0),
        Vcpus = body.Int("vcpus", 0),
        RootGiB = body.Int("disk", 0),
        EphemeralGiB = body.Int("OS-FLV-EXT-DATA:ephemeral", 0),
        SwapMiB = body.Int("swap", 0),
        RxtxFactor = body.Text("rxtx_factor") is { } factor ? double.Parse(factor, CultureInfo.InvariantCulture) : 1.0,
        IsPublic = body.Bool("os-flavor-access:is_public", true),
        Description = version >= "2.55" ? body.Text("description") : null,
    };

    /// <summary>One flavor with all of it.</summary>
    internal static IResult Show(FlavorState flavor, Call call)
    {
        var specs = ShowsSpecs(call);
        return ComputeJson.Reply(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("flavor");
            Write(json, flavor, call, detail: true, specs);
            json.WriteEndObject();
        });
    }

    /// <summary>A page of flavors; <paramref name="next"/> is the link to the next one.</summary>
    internal static ReadOnlyMemory<byte> List(IReadOnlyList<FlavorState> flavors, string? next, bool detail, Call call)
    {
        var specs = ShowsSpecs(call);
        return ComputeJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("flavors");
            foreach (var flavor in flavors)
                Write(json, flavor, call, detail, specs);
            json.WriteEndArray();
            if (next is not null)
            {
                json.WriteStartArray("flavors_links");
                json.WriteLink("next", next);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    /// <summary>Who may use a private flavor.</summary>
    internal static IResult Access(FlavorState flavor) => Reply.Json(new
    {
        flavor_access = flavor.Projects.Select(project => new { flavor_id = flavor.Id, tenant_id = project.Text }),
    });

    private static bool ShowsSpecs(Call call) => call.Microversion >= "2.61" && call.Allows(ComputePolicies.ListExtraSpecs);

    private static void Write(Utf8JsonWriter json, FlavorState flavor, Call call, bool detail, bool specs)
    {
        json.WriteStartObject();
        json.WriteString("id", flavor.Id);
        json.WriteString("name", flavor.Name);
        if (detail)
        {
            json.WriteNumber("ram", flavor.MemoryMiB);
            json.WriteNumber("disk", flavor.RootGiB);

            // No swap was an empty text until 2.75.
            if (flavor.SwapMiB > 0 || call.Microversion >= "2.75")
                json.WriteNumber("swap", flavor.SwapMiB);
            else
                json.WriteString("swap", "");
            json.WriteNumber("OS-FLV-EXT-DATA:ephemeral", flavor.EphemeralGiB);
            json.WriteBoolean("OS-FLV-DISABLED:disabled", flavor.Disabled);
            json.WriteNumber("vcpus", flavor.Vcpus);
            json.WriteBoolean("os-flavor-access:is_public", flavor.IsPublic);
            json.WritePropertyName("rxtx_factor");
            json.WriteRawValue(flavor.RxtxFactor.ToString("0.0###############", CultureInfo.InvariantCulture));
        }

        json.WriteStartArray("links");
        json.WriteLink("self", call.Self("flavors", flavor.Id));
        json.WriteLink("bookmark", call.Bookmark("flavors", flavor.Id));
        json.WriteEndArray();
        if (call.Microversion >= "2.55")
            json.WriteString("description", flavor.Description);
        if (detail && specs)
            json.WriteMap("extra_specs", flavor.ExtraSpecs);
        json.WriteEndObject();
    }
}

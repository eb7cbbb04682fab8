using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Image;

namespace Fabric.Gateway.Image;

/// <summary>Applies one attribute of a body to an image. Create and patch both go through here, so that they agree on every
/// attribute.</summary>
internal static class ImageAttributes
{
    /// <summary>Most free properties of an image (<c>image_property_quota</c>).</summary>
    private const int MostProperties = 128;

    /// <summary>Most tags of an image (<c>image_tag_quota</c>).</summary>
    private const int MostTags = 128;

    internal static ImageView Set(ImageView image, string name, JsonElement value)
    {
        if (ImageSchemas.Reserved.Contains(name) || name.StartsWith("os_glance", StringComparison.Ordinal))
            throw Fault.Forbidden($"Attribute '{name}' is reserved.");
        return name switch
        {
            "name" => image with { Name = value.GetString() },
            "visibility" => image with { Visibility = Visibility(value.GetString()!) },
            "protected" => image with { Protected = value.GetBoolean() },
            "os_hidden" => image with { Hidden = value.GetBoolean() },
            "owner" => image with { Owner = value.GetString() is { Length: > 0 } owner ? new ProjectId(owner) : null },
            "container_format" => image with { ContainerFormat = Format(image, image.ContainerFormat, value.GetString(), name) },
            "disk_format" => image with { DiskFormat = Format(image, image.DiskFormat, value.GetString(), name) },
            "min_ram" => image with { MinRamMiB = (int)value.Whole() },
            "min_disk" => image with { MinDiskGiB = (int)value.Whole() },
            "tags" => image with { Tags = Tags(value.EnumerateArray().Select(static tag => tag.GetString()!)) },
            _ => Property(image, name, value),
        };
    }

    internal static ImageView Remove(ImageView image, string name)
    {
        if (!image.Properties.ContainsKey(name))
        {
            throw IsBase(name)
                ? Fault.Forbidden($"Property {name} may not be removed.")
                : Fault.Conflict($"Property {name} does not exist.");
        }

        return image with { Properties = image.Properties.Where(entry => entry.Key != name).ToDictionary(StringComparer.Ordinal) };
    }

    internal static string[] Tags(IEnumerable<string> tags)
    {
        string[] all = [.. tags.Distinct(StringComparer.Ordinal)];
        if (all.Length > MostTags)
            throw new Fault(FaultKind.TooLarge, "ImageTagLimitExceeded",
                $"The limit has been exceeded on the number of allowed image tags. Attempted: {all.Length}, Maximum: {MostTags}");
        return all;
    }

    internal static bool IsBase(string name) =>
        name is "name" or "visibility" or "protected" or "os_hidden" or "owner" or "container_format"
        or "disk_format" or "min_ram" or "min_disk" or "tags" || ImageSchemas.ReadOnly.Contains(name);

    internal static ImageVisibility Visibility(string text) => text switch
    {
        "public" => ImageVisibility.Public,
        "private" => ImageVisibility.Private,
        "community" => ImageVisibility.Community,
        _ => ImageVisibility.Shared,
    };

    /// <summary>Once there is data its format is what was inspected, and stays.</summary>
    private static string? Format(ImageView image, string? before, string? wanted, string name) =>
        image.Status == ImageStatus.Queued || before == wanted
            ? wanted
            : throw Fault.Forbidden($"Attribute {name} can be only replaced for a queued image.");

    private static ImageView Property(ImageView image, string name, JsonElement value)
    {
        if (name.Length > 255)
            throw Fault.BadRequest("Custom property should not be greater than 255 characters.");
        if (value.ValueKind != JsonValueKind.String)
            throw Fault.BadRequest($"Provided object does not match schema 'image': {PythonRepr.Of(value)} is not of type 'string'");
        var all = new Dictionary<string, string>(image.Properties, StringComparer.Ordinal) { [name] = value.GetString()! };
        if (all.Count > MostProperties)
        {
            throw new Fault(FaultKind.TooLarge, "ImagePropertyLimitExceeded",
                $"The limit has been exceeded on the number of allowed image properties. Attempted: {all.Count}, Maximum: "
                    + $"{MostProperties}");
        }

        return image with { Properties = all };
    }
}

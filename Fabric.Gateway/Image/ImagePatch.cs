using System.Text.Json;
using System.Text.RegularExpressions;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Image;

namespace Fabric.Gateway.Image;

/// <summary>Glance's dialect of JSON patch: add, replace and remove of one attribute each (source: <c>glance/api/v2/images.py</c>
/// RequestDeserializer). The older media type v2.0 names the operation by the member that holds the path.</summary>
internal static partial class ImagePatch
{
    private const string Draft4 = "application/openstack-images-v2.0-json-patch";
    private const string Draft10 = "application/openstack-images-v2.1-json-patch";
    private static readonly string[] Operations = ["add", "remove", "replace"];

    /// <summary>The image after all changes.</summary>
    internal static ImageView Apply(ImageView image, Call call)
    {
        var type = (call.Http.Request.ContentType ?? "").Split(';')[0].Trim();
        if (type is not (Draft4 or Draft10))
        {
            call.Http.Response.Headers["Accept-Patch"] = $"{Draft4}, {Draft10}";
            throw new Fault(FaultKind.UnsupportedMediaType, "UnsupportedMediaType",
                "The request media type is not supported by this server.");
        }

        if (call.Body.ValueKind != JsonValueKind.Array)
            throw Fault.BadRequest("Request body must be a JSON array of operation objects.");
        foreach (var change in call.Body.EnumerateArray())
        {
            if (change.ValueKind != JsonValueKind.Object)
                throw Fault.BadRequest("Operations must be JSON objects.");
            var (operation, pointer) = type == Draft10 ? Modern(change) : Old(change);
            image = ApplyOne(image, operation, Attribute(pointer), change);
        }

        return image;
    }

    private static ImageView ApplyOne(ImageView image, string operation, string name, JsonElement change)
    {
        if (ImageSchemas.ReadOnly.Contains(name))
            throw Fault.Forbidden($"Attribute '{name}' is read-only.");
        if (operation == "remove")
            return ImageAttributes.Remove(image, name);
        if (!change.TryGetProperty("value", out var value))
            throw Fault.BadRequest($"Operation \"{operation}\" requires a member named \"value\".");
        var single = JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [name] = value });
        if (ImageSchemas.Attributes.Check(single, SchemaPath.Root) is { } error)
            throw new ImageFaultStyle().Invalid(error);
        if (operation == "replace" && !ImageAttributes.IsBase(name) && !image.Properties.ContainsKey(name))
            throw Fault.Conflict($"Property {name} does not exist.");
        return ImageAttributes.Set(image, name, value);
    }

    private static (string Operation, string Pointer) Modern(JsonElement change)
    {
        var available = string.Join(", ", "add", "remove", "replace");
        if (!change.TryGetProperty("op", out var op) || op.ValueKind == JsonValueKind.Null)
            throw Fault.BadRequest($"Unable to find `op` in JSON Schema change. It must be one of the following: {available}.");
        if (op.ValueKind != JsonValueKind.String || !Operations.Contains(op.GetString()))
            throw Fault.BadRequest($"Invalid operation: `{PythonRepr.Display(op)}`. It must be one of the following: {available}.");
        if (!change.TryGetProperty("path", out var path) || path.ValueKind != JsonValueKind.String)
            throw Fault.BadRequest("Unable to find 'path' in JSON Schema change");
        return (op.GetString()!, path.GetString()!);
    }

    private static (string Operation, string Pointer) Old(JsonElement change)
    {
        var named = Operations.Where(name => change.TryGetProperty(name, out _)).ToArray();
        if (named.Length != 1 || change.GetProperty(named[0]).ValueKind != JsonValueKind.String)
        {
            throw Fault.BadRequest("Operation objects must contain "
                + (named.Length > 1 ? "only" : "exactly") + " one member named \"add\", \"remove\", or \"replace\".");
        }

        return (named[0], change.GetProperty(named[0]).GetString()!);
    }

    private static string Attribute(string pointer)
    {
        if (!pointer.StartsWith('/'))
            throw Fault.BadRequest($"Pointer `{pointer}` does not start with \"/\".");
        if (AdjacentSlashes().IsMatch(pointer[1..]))
            throw Fault.BadRequest($"Pointer `{pointer}` contains adjacent \"/\".");
        if (pointer.Length > 1 && pointer.EndsWith('/'))
            throw Fault.BadRequest($"Pointer `{pointer}` end with \"/\".");
        if (BadEscape().IsMatch(pointer))
            throw Fault.BadRequest($"Pointer `{pointer}` contains \"~\" not part of a recognized escape sequence.");
        var parts = pointer[1..].Split('/');
        if (parts.Length != 1 || parts[0].Length == 0)
            throw Fault.BadRequest($"Invalid JSON pointer for this resource: '/{string.Join('/', parts)}'");
        return parts[0].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal).Trim();
    }

    [GeneratedRegex(@"/\s*?/")]
    private static partial Regex AdjacentSlashes();

    [GeneratedRegex("~([^01]|$)")]
    private static partial Regex BadEscape();
}

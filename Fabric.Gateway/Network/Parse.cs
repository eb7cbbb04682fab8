using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Network;

namespace Fabric.Gateway.Network;

/// <summary>Readers of single values, with the reasons of Neutron's validators (source: <c>neutron_lib/api/validators</c>,
/// <c>converters</c>).</summary>
internal static class Parse
{
    internal static string? Anything(JsonElement input, out object? value)
    {
        value = input;
        return null;
    }

    internal static ReadValue Text(int max) => (JsonElement input, out object? value) =>
    {
        value = null;
        if (input.ValueKind != JsonValueKind.String)
            return $"'{PythonRepr.Display(input)}' is not a valid string";
        var text = input.GetString()!;
        value = text;
        return text.Length > max ? $"'{text}' exceeds maximum length of {max}" : null;
    };

    internal static string? Flag(JsonElement input, out object? value)
    {
        value = input.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => FlagOf(input.GetString()!),
            JsonValueKind.Number when input.TryGetInt32(out var number) && number is 0 or 1 => input.GetInt32() == 1,
            _ => null,
        };
        return value is null ? throw NetworkFaults.InvalidInput($"'{PythonRepr.Display(input)}' cannot be converted to boolean") : null;
    }

    /// <summary>A boolean as Neutron's converter reads it; null for anything else.</summary>
    internal static bool? FlagOf(string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };

    internal static ReadValue Number(int min, int max) => (JsonElement input, out object? value) =>
    {
        value = null;
        var text = input.ValueKind == JsonValueKind.String ? input.GetString() : input.ValueKind == JsonValueKind.Number
            ? input.GetRawText() : null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw NetworkFaults.InvalidInput($"'{PythonRepr.Display(input)}' is not an integer");
        if (number < min)
            return $"'{number}' is too small - must be at least '{min}'";
        if (number > max)
            return $"'{number}' is too large - must be no larger than '{max}'";
        value = (int)number;
        return null;
    };

    internal static ReadValue OneOf(params string[] values) => (JsonElement input, out object? value) =>
    {
        value = input.ValueKind == JsonValueKind.String ? input.GetString() : null;
        return value is string text && values.Contains(text)
            ? null
            : $"{PythonRepr.Display(input)} is not in [{string.Join(", ", values.Select(PythonRepr.Of))}]";
    };

    internal static ReadValue OrNull(ReadValue read) => (JsonElement input, out object? value) =>
    {
        value = null;
        return input.ValueKind == JsonValueKind.Null ? null : read(input, out value);
    };

    internal static string? Uuid(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.String && ResourceIdText.TryParseUuid(input.GetString(), out var id))
        {
            value = id;
            return null;
        }

        return $"'{PythonRepr.Display(input)}' is not a valid UUID";
    }

    internal static string? Uuids(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.Null)
        {
            value = (IReadOnlyList<Guid>)[];
            return null;
        }

        if (input.ValueKind != JsonValueKind.Array)
            return $"'{PythonRepr.Display(input)}' is not a list";
        var ids = new List<Guid>();
        foreach (var item in input.EnumerateArray())
        {
            if (Uuid(item, out var id) is { } reason)
                return reason;
            if (ids.Contains((Guid)id!))
                return $"Duplicate items in the list: '{id}'";
            ids.Add((Guid)id!);
        }

        value = (IReadOnlyList<Guid>)ids;
        return null;
    }

    internal static string? Address(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.String && Ip.TryParse(input.GetString(), out var ip))
        {
            value = ip.ToString();
            return null;
        }

        return $"'{PythonRepr.Display(input)}' is not a valid IP address";
    }

    internal static string? Block(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.String && input.GetString()!.Contains('/', StringComparison.Ordinal)
            && Cidr.TryParse(input.GetString(), out var cidr))
        {
            value = cidr.ToString();
            return null;
        }

        return $"'{PythonRepr.Display(input)}' is not a valid IP subnet";
    }

    internal static string? Mac(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.String && MacAddresses.TryNormalize(input.GetString(), out var mac))
        {
            value = mac;
            return null;
        }

        return $"'{PythonRepr.Display(input)}' is not a valid MAC address";
    }

    internal static string? UniqueTexts(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind != JsonValueKind.Array)
            return $"'{PythonRepr.Display(input)}' is not a list";
        var texts = new List<string>();
        foreach (var item in input.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
                return $"'{PythonRepr.Display(item)}' is not a valid string";
            if (texts.Contains(item.GetString()!))
                return $"Duplicate items in the list: '{item.GetString()}'";
            texts.Add(item.GetString()!);
        }

        value = (IReadOnlyList<string>)texts;
        return null;
    }
}

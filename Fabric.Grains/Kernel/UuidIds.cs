using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Fabric.Grains.Kernel;

/// <summary>An image.</summary>
[GenerateSerializer, Immutable, Alias("id.image")]
[JsonConverter(typeof(ResourceIdJsonConverter<ImageId>))]
public readonly record struct ImageId([property: Id(0)] Guid Value) : IResourceId<ImageId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static ImageId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static ImageId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a ImageId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out ImageId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A server, an instance inside.</summary>
[GenerateSerializer, Immutable, Alias("id.instance")]
[JsonConverter(typeof(ResourceIdJsonConverter<InstanceId>))]
public readonly record struct InstanceId([property: Id(0)] Guid Value) : IResourceId<InstanceId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static InstanceId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static InstanceId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a InstanceId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out InstanceId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A network.</summary>
[GenerateSerializer, Immutable, Alias("id.network")]
[JsonConverter(typeof(ResourceIdJsonConverter<NetworkId>))]
public readonly record struct NetworkId([property: Id(0)] Guid Value) : IResourceId<NetworkId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static NetworkId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static NetworkId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a NetworkId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out NetworkId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A subnet.</summary>
[GenerateSerializer, Immutable, Alias("id.subnet")]
[JsonConverter(typeof(ResourceIdJsonConverter<SubnetId>))]
public readonly record struct SubnetId([property: Id(0)] Guid Value) : IResourceId<SubnetId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static SubnetId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static SubnetId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a SubnetId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out SubnetId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A port.</summary>
[GenerateSerializer, Immutable, Alias("id.port")]
[JsonConverter(typeof(ResourceIdJsonConverter<PortId>))]
public readonly record struct PortId([property: Id(0)] Guid Value) : IResourceId<PortId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static PortId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static PortId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a PortId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out PortId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A router.</summary>
[GenerateSerializer, Immutable, Alias("id.router")]
[JsonConverter(typeof(ResourceIdJsonConverter<RouterId>))]
public readonly record struct RouterId([property: Id(0)] Guid Value) : IResourceId<RouterId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static RouterId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static RouterId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a RouterId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out RouterId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A floating IP.</summary>
[GenerateSerializer, Immutable, Alias("id.floatingip")]
[JsonConverter(typeof(ResourceIdJsonConverter<FloatingIpId>))]
public readonly record struct FloatingIpId([property: Id(0)] Guid Value) : IResourceId<FloatingIpId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static FloatingIpId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static FloatingIpId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a FloatingIpId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out FloatingIpId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A security group.</summary>
[GenerateSerializer, Immutable, Alias("id.securitygroup")]
[JsonConverter(typeof(ResourceIdJsonConverter<SecurityGroupId>))]
public readonly record struct SecurityGroupId([property: Id(0)] Guid Value) : IResourceId<SecurityGroupId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static SecurityGroupId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static SecurityGroupId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a SecurityGroupId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out SecurityGroupId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A rule of a security group.</summary>
[GenerateSerializer, Immutable, Alias("id.securitygrouprule")]
[JsonConverter(typeof(ResourceIdJsonConverter<SecurityGroupRuleId>))]
public readonly record struct SecurityGroupRuleId([property: Id(0)] Guid Value) : IResourceId<SecurityGroupRuleId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static SecurityGroupRuleId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static SecurityGroupRuleId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a SecurityGroupRuleId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out SecurityGroupRuleId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A resource provider of placement, which is also the id of the node's hypervisor.</summary>
[GenerateSerializer, Immutable, Alias("id.resourceprovider")]
[JsonConverter(typeof(ResourceIdJsonConverter<ResourceProviderId>))]
public readonly record struct ResourceProviderId([property: Id(0)] Guid Value) : IResourceId<ResourceProviderId>
{
    /// <inheritdoc/>
    public string Text => Value.ToString();

    /// <summary>A new random id.</summary>
    public static ResourceProviderId New() => new(Guid.NewGuid());

    /// <summary>Reads a text known to be good.</summary>
    public static ResourceProviderId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a ResourceProviderId.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out ResourceProviderId id)
    {
        var good = ResourceIdText.TryParseUuid(text, out var value);
        id = new(value);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Fabric.Grains.Kernel;

/// <summary>A project. Identity's ids are 32 hexadecimal digits, but for well-known ones like <c>default</c>.</summary>
[GenerateSerializer, Immutable, Alias("id.project")]
[JsonConverter(typeof(ResourceIdJsonConverter<ProjectId>))]
public readonly record struct ProjectId([property: Id(0)] string Text) : IResourceId<ProjectId>
{
    /// <summary>A new random id.</summary>
    public static ProjectId New() => new(ResourceIdText.NewHex());

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out ProjectId id)
    {
        id = new(text ?? "");
        return text is { Length: > 0 and <= 64 };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A user. Identity's ids are 32 hexadecimal digits, but for well-known ones like <c>default</c>.</summary>
[GenerateSerializer, Immutable, Alias("id.user")]
[JsonConverter(typeof(ResourceIdJsonConverter<UserId>))]
public readonly record struct UserId([property: Id(0)] string Text) : IResourceId<UserId>
{
    /// <summary>A new random id.</summary>
    public static UserId New() => new(ResourceIdText.NewHex());

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out UserId id)
    {
        id = new(text ?? "");
        return text is { Length: > 0 and <= 64 };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A user domain of identity (never a libvirt domain). Identity's ids are 32 hexadecimal digits, but for well-known ones like
/// <c>default</c>.</summary>
[GenerateSerializer, Immutable, Alias("id.userdomain")]
[JsonConverter(typeof(ResourceIdJsonConverter<UserDomainId>))]
public readonly record struct UserDomainId([property: Id(0)] string Text) : IResourceId<UserDomainId>
{
    /// <summary>A new random id.</summary>
    public static UserDomainId New() => new(ResourceIdText.NewHex());

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out UserDomainId id)
    {
        id = new(text ?? "");
        return text is { Length: > 0 and <= 64 };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A role. Identity's ids are 32 hexadecimal digits, but for well-known ones like <c>default</c>.</summary>
[GenerateSerializer, Immutable, Alias("id.role")]
[JsonConverter(typeof(ResourceIdJsonConverter<RoleId>))]
public readonly record struct RoleId([property: Id(0)] string Text) : IResourceId<RoleId>
{
    /// <summary>A new random id.</summary>
    public static RoleId New() => new(ResourceIdText.NewHex());

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out RoleId id)
    {
        id = new(text ?? "");
        return text is { Length: > 0 and <= 64 };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A group of users. Its ids are 32 hexadecimal digits.</summary>
[GenerateSerializer, Immutable, Alias("id.group")]
[JsonConverter(typeof(ResourceIdJsonConverter<GroupId>))]
public readonly record struct GroupId([property: Id(0)] string Text) : IResourceId<GroupId>
{
    /// <summary>A new random id.</summary>
    public static GroupId New() => new(ResourceIdText.NewHex());

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out GroupId id)
    {
        id = new(text ?? "");
        return text is { Length: > 0 and <= 64 };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

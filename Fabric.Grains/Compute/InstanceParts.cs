using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>A flavor as it was when the server was built: changing or deleting the flavor later changes no server.</summary>
[GenerateSerializer, Immutable, Alias("compute.instance-flavor")]
public sealed record InstanceFlavor
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required int Vcpus { get; init; }
    [Id(3)] public required int MemoryMiB { get; init; }
    [Id(4)] public required int RootGiB { get; init; }
    [Id(5)] public int EphemeralGiB { get; init; }
    [Id(6)] public int SwapMiB { get; init; }
    [Id(7)] public IReadOnlyDictionary<string, string> ExtraSpecs { get; init; } = Empty.Strings;
}

/// <summary>What of an image the guest is made from, as it was when the server was built.</summary>
[GenerateSerializer, Immutable, Alias("compute.instance-image")]
public sealed record InstanceImage
{
    [Id(0)] public required ImageId Id { get; init; }
    [Id(1)] public required string DiskFormat { get; init; }
    [Id(2)] public required string Sha512 { get; init; }
    [Id(3)] public required long SizeBytes { get; init; }

    /// <summary>The image's own properties (<c>hw_*</c>, <c>os_*</c>, …).</summary>
    [Id(4)] public IReadOnlyDictionary<string, string> Properties { get; init; } = Empty.Strings;
}

/// <summary>The public key put into the guest. Deleting the key pair later takes it from no server.</summary>
[GenerateSerializer, Immutable, Alias("compute.instance-key")]
public sealed record InstanceKey([property: Id(0)] string Name, [property: Id(1)] string Type, [property: Id(2)] string PublicKey);

/// <summary>The administrator's password of a guest that is being built. It is known until the guest has it, and no log shows it.</summary>
[GenerateSerializer, Immutable, Alias("compute.admin-password")]
public sealed record AdminPassword([property: Id(0)] string Value)
{
    /// <summary>Says nothing of the password.</summary>
    public override string ToString() => "***";
}

/// <summary>Why a server is in error, as its user reads it.</summary>
[GenerateSerializer, Immutable, Alias("compute.instance-fault")]
public sealed record InstanceFault(
    [property: Id(0)] int Code,
    [property: Id(1)] string Message,
    [property: Id(2)] DateTimeOffset CreatedAt,
    [property: Id(3)] string? Details = null);

/// <summary>One thing done to a server (<c>os-instance-actions</c>).</summary>
[GenerateSerializer, Immutable, Alias("compute.instance-action")]
public sealed record InstanceAction
{
    /// <summary><c>create</c>, <c>stop</c>, …</summary>
    [Id(0)] public required string Action { get; init; }
    [Id(1)] public required string RequestId { get; init; }
    [Id(2)] public required UserId UserId { get; init; }
    [Id(3)] public ProjectId? ProjectId { get; init; }
    [Id(4)] public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When its work ended; null while it goes on.</summary>
    [Id(5)] public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The node that did it.</summary>
    [Id(6)] public string? NodeName { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    [Id(7)] public string? Error { get; init; }

    /// <summary>OpenStack's name of the work's event; null for an action that is only a write.</summary>
    [Id(8)] public string? Event { get; init; }
}

/// <summary>Empty collections to share.</summary>
internal static class Empty
{
    internal static readonly IReadOnlyDictionary<string, string> Strings = new Dictionary<string, string>();
}

using Fabric.Grains.Kernel;

namespace Fabric.Grains.Image;

/// <summary>Glance's states of an image.</summary>
public enum ImageStatus
{
    Queued,
    Saving,
    Active,
    Deactivated,
    Deleted,
    Killed,
}

/// <summary>Who sees an image besides its owner.</summary>
public enum ImageVisibility
{
    /// <summary>Its members.</summary>
    Shared,
    Private,
    Public,

    /// <summary>Everybody who asks, but not in everybody's list.</summary>
    Community,
}

/// <summary>One image as others see it.</summary>
[GenerateSerializer, Immutable, Alias("image.view")]
public sealed record ImageView
{
    [Id(0)] public required ImageId Id { get; init; }
    [Id(1)] public string? Name { get; init; }
    [Id(2)] public required ImageStatus Status { get; init; }
    [Id(3)] public required ImageVisibility Visibility { get; init; }
    [Id(4)] public ProjectId? Owner { get; init; }
    [Id(5)] public string? DiskFormat { get; init; }
    [Id(6)] public string? ContainerFormat { get; init; }
    [Id(7)] public long? SizeBytes { get; init; }
    [Id(8)] public long? VirtualSizeBytes { get; init; }

    /// <summary>MD5 in hexadecimal, as old clients check.</summary>
    [Id(9)] public string? Checksum { get; init; }

    /// <summary>SHA-512 in hexadecimal.</summary>
    [Id(10)] public string? Sha512 { get; init; }
    [Id(11)] public int MinDiskGiB { get; init; }
    [Id(12)] public int MinRamMiB { get; init; }
    [Id(13)] public bool Protected { get; init; }
    [Id(14)] public bool Hidden { get; init; }
    [Id(15)] public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Free properties (<c>hw_*</c>, <c>os_*</c>, …).</summary>
    [Id(16)] public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
    [Id(17)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(18)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Projects it is shared with, whether they accepted or not.</summary>
    [Id(19)] public IReadOnlyList<ImageMember> Members { get; init; } = [];
}

/// <summary>A project an image is shared with.</summary>
/// <param name="Status"><c>pending</c>, <c>accepted</c> or <c>rejected</c>.</param>
[GenerateSerializer, Immutable, Alias("image.member")]
public sealed record ImageMember(
    [property: Id(0)] ProjectId ProjectId,
    [property: Id(1)] string Status,
    [property: Id(2)] DateTimeOffset CreatedAt,
    [property: Id(3)] DateTimeOffset UpdatedAt);

/// <summary>What arrived with an image's bytes.</summary>
[GenerateSerializer, Immutable, Alias("image.stored-data")]
public sealed record StoredImageData(
    [property: Id(0)] long SizeBytes,
    [property: Id(1)] long VirtualSizeBytes,
    [property: Id(2)] string Md5,
    [property: Id(3)] string Sha512);

/// <summary>One image. The only writer of its record; each change is durable before the call returns. The bytes never come here.
/// Every call throws a not-found <see cref="Fault"/> for an image that does not exist, or that the caller may not see.</summary>
[Alias("image.image")]
public interface IImageGrain : IGrainWithStringKey
{
    /// <summary>Makes the record, in state queued. The same call again with the same content is the first one's answer; an id in use is a
    /// conflict.</summary>
    [Alias("Create")]
    Task<ImageView> Create(ImageView image, Caller caller);

    /// <summary>The image, if the caller may see it: its own, a public or community one, one shared with its project, or any for an
    /// admin.</summary>
    [Alias("Get"), ReadOnly]
    Task<ImageView> Get(Caller caller);

    /// <summary>Replaces what a user may change. Throws a conflict when the record is no longer what <paramref name="expected"/> was made
    /// from.</summary>
    [Alias("Update")]
    Task<ImageView> Update(ImageView image, DateTimeOffset expected, Caller caller);

    /// <summary>queued → saving: one upload at a time.</summary>
    [Alias("BeginUpload")]
    Task<ImageView> BeginUpload(string uploadId, Caller caller);

    /// <summary>saving → active. Only the upload that began may complete.</summary>
    [Alias("CompleteUpload")]
    Task<ImageView> CompleteUpload(string uploadId, StoredImageData data);

    /// <summary>saving → queued: the upload failed and may be tried again.</summary>
    [Alias("AbandonUpload")]
    Task AbandonUpload(string uploadId);

    /// <summary>active ↔ deactivated.</summary>
    [Alias("SetActive")]
    Task SetActive(bool active, Caller caller);

    /// <summary>Removes the record; the bytes follow. A protected image is refused.</summary>
    [Alias("Delete")]
    Task Delete(Caller caller);
}

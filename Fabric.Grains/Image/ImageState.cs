using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Image;

/// <summary>The record of one image, and what may become of it.</summary>
[GenerateSerializer, Immutable, Alias("image.state")]
public sealed record ImageState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "image";

    /// <summary>The reference by which lists find what a project may see; see <see cref="SeenBy"/>.</summary>
    public const string SeenByRef = "seen-by";

    /// <summary>Null: the image does not exist.</summary>
    [Id(0)] public ImageView? Image { get; init; }

    /// <summary>The upload under way, while the image is saving.</summary>
    [Id(1)] public string? UploadId { get; init; }

    /// <summary>A project's own.</summary>
    public static string OwnedBy(string project) => "owner:" + project;

    /// <summary>Shared with the project, in one of glance's member states.</summary>
    public static string SharedWith(string project, string status) => $"member:{status}:{project}";

    /// <summary>queued → saving.</summary>
    public ImageState BeginUpload(string uploadId, DateTimeOffset now) => Image!.Status switch
    {
        ImageStatus.Queued => this with { Image = Image with { Status = ImageStatus.Saving, UpdatedAt = now }, UploadId = uploadId },
        ImageStatus.Saving when UploadId == uploadId => this,
        var status => throw Fault.Conflict("InvalidImageStatusTransition",
            $"Image status transition from {Name(status)} to saving is not allowed"),
    };

    /// <summary>saving → active.</summary>
    public ImageState CompleteUpload(string uploadId, StoredImageData data, DateTimeOffset now)
    {
        if (Image!.Status == ImageStatus.Active && Image.Sha512 == data.Sha512)
            return this;
        if (UploadId != uploadId)
            throw Fault.Conflict("InvalidImageStatusTransition",
                $"Image status transition from {Name(Image.Status)} to active is not allowed");
        return new()
        {
            Image = Image with
            {
                Status = ImageStatus.Active,
                SizeBytes = data.SizeBytes,
                VirtualSizeBytes = data.VirtualSizeBytes,
                Checksum = data.Md5,
                Sha512 = data.Sha512,
                UpdatedAt = now,
            },
        };
    }

    /// <summary>saving → queued.</summary>
    public ImageState AbandonUpload(string uploadId, DateTimeOffset now) => UploadId == uploadId
        ? new() { Image = Image! with { Status = ImageStatus.Queued, UpdatedAt = now } }
        : this;

    /// <summary>active ↔ deactivated.</summary>
    public ImageState SetActive(bool active, DateTimeOffset now)
    {
        var wanted = active ? ImageStatus.Active : ImageStatus.Deactivated;
        if (Image!.Status == wanted)
            return this;
        if (Image.Status is not (ImageStatus.Active or ImageStatus.Deactivated))
        {
            throw new Fault(FaultKind.Forbidden, "InvalidImageStatusTransition", active
                ? "Only a deactivated image can be reactivated."
                : "Not allowed to deactivate image in status '" + Name(Image.Status) + "'");
        }

        return this with { Image = Image with { Status = wanted, UpdatedAt = now } };
    }

    /// <summary>The image as a user changed it; what users cannot change stays.</summary>
    public ImageState Update(ImageView wanted, DateTimeOffset now) => this with
    {
        Image = Image! with
        {
            Name = wanted.Name,
            Visibility = wanted.Visibility,
            Owner = wanted.Owner,
            DiskFormat = wanted.DiskFormat,
            ContainerFormat = wanted.ContainerFormat,
            MinDiskGiB = wanted.MinDiskGiB,
            MinRamMiB = wanted.MinRamMiB,
            Protected = wanted.Protected,
            Hidden = wanted.Hidden,
            Tags = wanted.Tags,
            Properties = wanted.Properties,
            Members = wanted.Members,
            UpdatedAt = now,
        },
    };

    /// <summary>Whether the caller may know of it.</summary>
    public bool IsVisibleTo(Caller caller) =>
        caller.IsAdmin
        || Image!.Visibility is ImageVisibility.Public or ImageVisibility.Community
        || (caller.ProjectId is { } project
            && (Image.Owner == project
                || (Image.Visibility == ImageVisibility.Shared && Image.Members.Any(member => member.ProjectId == project))));

    /// <summary>Glance's word for a status.</summary>
    public static string Name(ImageStatus status) => status switch
    {
        ImageStatus.Queued => "queued",
        ImageStatus.Saving => "saving",
        ImageStatus.Active => "active",
        ImageStatus.Deactivated => "deactivated",
        ImageStatus.Deleted => "deleted",
        _ => "killed",
    };

    /// <summary>Glance's word for a visibility, also the value of <see cref="SeenByRef"/> for what everybody sees.</summary>
    public static string Name(ImageVisibility visibility) => visibility switch
    {
        ImageVisibility.Public => "public",
        ImageVisibility.Private => "private",
        ImageVisibility.Community => "community",
        _ => "shared",
    };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = Image!.Owner?.Text,
        Name = Image.Name,
        Status = Name(Image.Status),
        CreatedAt = Image.CreatedAt,
        UpdatedAt = Image.UpdatedAt,
        Refs = [.. SeenBy().Select(static value => new ResourceRef(SeenByRef, value)),
            .. Image.Tags.Select(static tag => new ResourceRef("tag", tag))],
    };

    private IEnumerable<string> SeenBy()
    {
        if (Image!.Owner is { } owner)
            yield return OwnedBy(owner.Text);
        if (Image.Visibility != ImageVisibility.Private)
            yield return Name(Image.Visibility);
        if (Image.Visibility != ImageVisibility.Shared)
            yield break;
        foreach (var member in Image.Members)
            yield return SharedWith(member.ProjectId.Text, member.Status);
    }
}

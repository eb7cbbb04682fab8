using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Image;

/// <summary>One image. The only writer of its record; each write is durable before the call returns.</summary>
[GrainType("image.image")]
internal sealed class ImageGrain([PersistentState(ImageState.Kind)] IPersistentState<ImageState> record, TimeProvider time)
    : Grain, IImageGrain
{
    private string Id => this.GetPrimaryKeyString();

    public async Task<ImageView> Create(ImageView image, Caller caller)
    {
        if (record.State.Image is { } existing)
        {
            // The same id and time can only be this very request, whose first answer was lost.
            return existing.CreatedAt == image.CreatedAt && existing.Owner == image.Owner
                ? existing
                : throw Fault.Conflict("Duplicate", $"Image ID {Id} already exists!");
        }

        await record.Save(new() { Image = image });
        return image;
    }

    public Task<ImageView> Get(Caller caller) => Task.FromResult(Visible(caller));

    public async Task<ImageView> Update(ImageView image, DateTimeOffset expected, Caller caller)
    {
        if (Visible(caller).UpdatedAt != expected)
            throw Fault.Conflict("Conflict", $"Image {Id} was changed meanwhile. Read it again, and repeat the change.");
        await record.Save(record.State.Update(image, Next()));
        return record.State.Image!;
    }

    public async Task<ImageView> BeginUpload(string uploadId, Caller caller)
    {
        Visible(caller);
        await record.Save(record.State.BeginUpload(uploadId, Next()));
        return record.State.Image!;
    }

    public async Task<ImageView> CompleteUpload(string uploadId, StoredImageData data)
    {
        if (record.State.Image is null)
            throw NotFound();
        await record.Save(record.State.CompleteUpload(uploadId, data, Next()));
        return record.State.Image;
    }

    public async Task AbandonUpload(string uploadId)
    {
        if (record.State.Image is not null)
            await record.Save(record.State.AbandonUpload(uploadId, Next()));
    }

    public async Task SetActive(bool active, Caller caller)
    {
        Visible(caller);
        await record.Save(record.State.SetActive(active, Next()));
    }

    public async Task Delete(Caller caller)
    {
        if (Visible(caller).Protected)
            throw Fault.Forbidden($"Image {Id} is protected and cannot be deleted.");
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    /// <summary>The time of a change, later than the last one even when the clock is not: it is what <see cref="Update"/>
    /// compares.</summary>
    private DateTimeOffset Next()
    {
        var now = time.GetUtcNow();
        return record.State.Image is { } image && now <= image.UpdatedAt ? image.UpdatedAt.AddTicks(10) : now;
    }

    private ImageView Visible(Caller caller) =>
        record.State.Image is { } image && record.State.IsVisibleTo(caller) ? image : throw NotFound();

    private Fault NotFound() => Fault.NotFound("ImageNotFound", $"No image found with ID {Id}");
}

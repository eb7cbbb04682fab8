using Fabric.Grains.Image;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Image;

/// <summary>Puts records and files in line after a crash: an upload that nobody goes on with is given up, and bytes that belong to no
/// image go. Runs at the start and each hour; knows no cause, only what is there.</summary>
internal sealed class ImageStoreReconciler(
    ImageFileStore store, ImageUploads uploads, IResourceIndex index, IGrainFactory grains, TimeProvider time,
        ILogger<ImageStoreReconciler> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>One pass.</summary>
    internal async Task Reconcile(CancellationToken ct)
    {
        // What lies on the disk is read before the records: an image that appears meanwhile is then in the records too.
        var (images, parts) = store.Contents();
        foreach (var part in parts.Where(part => !uploads.IsRunning(part)))
            store.DeletePart(part);
        foreach (var state in await index.List<ImageState>(new(ImageState.Kind) { Statuses = ["saving"] }, ct))
        {
            if (state.UploadId is { } upload && !uploads.IsRunning(upload))
            {
                logger.UploadAbandoned(state.Image!.Id);
                await grains.GetGrain<IImageGrain>(state.Image.Id).AbandonUpload(upload);
            }
        }

        foreach (var id in images)
        {
            if (await index.Find<ImageState>(ImageState.Kind, id.Text, ct) is null)
                store.Delete(id);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Period;
            try
            {
                await Reconcile(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // A reconciler never gives up: whatever stood in its way may be gone the next time.
                logger.ReconcileFailed(error);
                pause = RetryAfter;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

namespace Fabric.Gateway.Image;

internal static partial class ImageStoreReconcilerLog
{
    [LoggerMessage(1, LogLevel.Warning, "The upload of image {Image} died with its process; the image is queued again")]
    internal static partial void UploadAbandoned(this ILogger logger, ImageId image);

    [LoggerMessage(2, LogLevel.Warning, "Image records and files could not be compared; trying again")]
    internal static partial void ReconcileFailed(this ILogger logger, Exception error);
}

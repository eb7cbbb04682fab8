using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Identity;

internal static partial class IdentityBootstrapLog
{
    [LoggerMessage(1, LogLevel.Information, "Identity is set up; the admin's password is in {PasswordFile}")]
    internal static partial void BootstrapDone(this ILogger logger, string passwordFile);
}

namespace Fabric.Grains.Identity;

/// <summary>What an operator does who has locked out the cloud's first administrator.</summary>
public static class AdminReset
{
    /// <summary>Makes a new password for the admin, and asks the cloud to take it and to let the admin in: at once when it runs, else at
    /// its next start.</summary>
    /// <param name="dataDirectory">The cloud's data directory, with settings at their defaults.</param>
    /// <param name="patience">For how long to wait that it was done.</param>
    /// <param name="ct">Stops.</param>
    /// <returns>True when it was done.</returns>
    public static async Task<bool> Ask(string dataDirectory, TimeSpan patience, CancellationToken ct)
    {
        var options = new IdentityOptions { DataDirectory = dataDirectory };
        var request = options.PathOf(AdminRecovery.RequestFile);
        await PasswordFile.Renew(options.PathOf(options.AdminPasswordFile), ct);
        await File.WriteAllTextAsync(request, "", ct);
        for (var waited = TimeSpan.Zero; waited < patience && File.Exists(request); waited += TimeSpan.FromMilliseconds(200))
            await Task.Delay(200, ct);
        return !File.Exists(request);
    }
}

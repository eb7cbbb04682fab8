using System.CommandLine;
using Fabric.Gateway.Identity;
using Fabric.Grains.Identity;

namespace Fabric.Silo;

/// <summary>What an operator does to identity's secrets, as <c>keystone-manage</c> does.</summary>
internal static class IdentityCommands
{
    /// <summary>A running cloud looks every few seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal static Command Of(Option<string> data)
    {
        var rotate = new Command("rotate-keys",
            "Stages a new key for tokens, and signs with the one staged before; a running cloud sees it at once.") { data };
        rotate.SetAction(parsed => TokenKeys.Rotate(Directory(parsed, data)));
        var jws = new Command("rotate-jws-keys",
            "Makes a new pair of keys for tokens in the form of JWS; the last public ones stay.") { data };
        jws.SetAction(parsed => TokenKeys.RotateJws(Directory(parsed, data)));
        var credentials = new Command("rotate-credential-keys",
            "Stages a new key for credentials, and seals with the one staged before; a running cloud brings all under it.") { data };
        credentials.SetAction(parsed => RotateCredentials(parsed, Directory(parsed, data)));
        var migrate = new Command("migrate-credentials",
            "Waits until the running cloud has brought all credentials under the key that seals now.") { data };
        migrate.SetAction((parsed, ct) => Migrate(parsed, Directory(parsed, data), ct));
        var reset = new Command("reset-admin",
            "Gives the first admin a new password, in the file admin-password, and lets it in again.") { data };
        reset.SetAction((parsed, ct) => Reset(parsed, Directory(parsed, data), ct));
        return new("identity", "Users' tokens, secrets and mappings.")
        {
            rotate, jws, credentials, migrate, reset, MappingCommand.Make(),
        };
    }

    private static string Directory(ParseResult parsed, Option<string> data) => Path.GetFullPath(parsed.GetRequiredValue(data));

    private static int RotateCredentials(ParseResult parsed, string data)
    {
        if (TokenKeys.RotateCredentials(data))
            return 0;
        parsed.InvocationConfiguration.Error.WriteLine(
            "Some credentials may be sealed with an older key still, which a rotation could drop. Start the cloud, and see "
            + "`identity migrate-credentials`.");
        return 1;
    }

    private static async Task<int> Migrate(ParseResult parsed, string data, CancellationToken ct)
    {
        if (await TokenKeys.AwaitCredentials(data, Patience, ct))
            return 0;
        await parsed.InvocationConfiguration.Error.WriteLineAsync("Not all credentials are under the present key. Does the cloud run?");
        return 1;
    }

    private static async Task<int> Reset(ParseResult parsed, string data, CancellationToken ct)
    {
        var done = await AdminReset.Ask(data, Patience, ct);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(done
            ? "Done. The password is in the file admin-password of the data directory."
            : "The cloud takes the new password, in the file admin-password of the data directory, when it is started next.");
        return 0;
    }
}

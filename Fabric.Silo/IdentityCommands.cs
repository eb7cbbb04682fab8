using System.CommandLine;
using Fabric.Gateway.Identity;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Operator;

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
        reset.SetAction((parsed, ct) => LetAdminIn(parsed, Directory(parsed, data), OperatorRequest.ResetAdmin, ct));
        var bootstrap = new Command("bootstrap",
            "Lets the first admin in, and makes again what a cloud cannot be administered without: the domain Default, the role and the "
            + "project admin, the region, identity's entry in the catalog. The admin's password is that of the environment variable "
            + BootstrapPassword + ", or stays.") { data };
        bootstrap.SetAction((parsed, ct) => LetAdminIn(parsed, Directory(parsed, data), OperatorRequest.Bootstrap, ct));
        return new("identity", "Users' tokens, secrets and mappings.")
        {
            rotate, jws, credentials, migrate, reset, bootstrap, MappingPurgeCommand.Make(data, Patience), MappingCommand.Make(),
        };
    }

    /// <summary>The name that <c>keystone-manage</c> knows it by. Never an option: command lines are for everybody to read.</summary>
    private const string BootstrapPassword = "OS_BOOTSTRAP_PASSWORD";

    internal static string Directory(ParseResult parsed, Option<string> data) => Path.GetFullPath(parsed.GetRequiredValue(data));

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

    private static async Task<int> LetAdminIn(ParseResult parsed, string data, string request, CancellationToken ct)
    {
        var options = new IdentityOptions { DataDirectory = data };
        var wanted = request == OperatorRequest.Bootstrap ? Environment.GetEnvironmentVariable(BootstrapPassword) : null;
        if (request == OperatorRequest.ResetAdmin || wanted is { Length: > 0 })
            await PasswordFile.Replace(options.PathOf(options.AdminPasswordFile), wanted, ct);
        return await Tell(parsed, await new OperatorRequest(request, new Dictionary<string, string>()).Ask(data, Patience, ct));
    }

    /// <summary>Prints what came of a request.</summary>
    internal static async Task<int> Tell(ParseResult parsed, OperatorAnswer? answer)
    {
        var streams = parsed.InvocationConfiguration;
        await (answer is { Done: false } ? streams.Error : streams.Output).WriteLineAsync(
            answer?.Message ?? "The cloud does not answer. It will do this when it is started next.");
        return answer is { Done: false } ? 1 : 0;
    }
}

using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Whether a password is a user's. Whoever does not know the password learns nothing of the user, neither from the answer's text
/// nor from its time: not whether there is one, nor whether it is disabled. That a user is locked out Keystone tells everybody.</summary>
internal sealed class PasswordProof(PasswordHasher hasher, UserActivity activity, IGrainFactory grains)
{
    /// <summary>The user, proven; throws 401 otherwise. The password may have expired.</summary>
    internal async Task<UserState> Prove(UserState? user, string password, CancellationToken ct)
    {
        var login = user is null ? null : await activity.Find(user.Id, ct);
        var locked = user is not null && activity.IsLocked(user, login);
        // Who is locked out waits as long as who is not.
        var right = await hasher.Verify(user?.Password, password, ct) && !locked;
        if (!right && user is not null && !locked && activity.CountsFailures(user))
            await grains.GetGrain<IUserLoginGrain>(user.Id.Text).Failed();
        if (locked)
            throw Locked(user!);
        if (!right || user is null)
            throw IdentityFaults.Unauthorized();
        // Many guesses at once: by now some of them may have locked the user out.
        if (activity.CountsFailures(user) && activity.IsLocked(user, await activity.Find(user.Id, ct)))
            throw Locked(user);
        if (!activity.IsEnabled(user, login))
            throw IdentityFaults.Unauthorized();
        if (activity.IsWatching)
            await grains.GetGrain<IUserLoginGrain>(user.Id.Text).Succeeded();
        return user;
    }

    private static Fault Locked(UserState user) => Fault.Unauthorized($"The account is locked for user: {user.Id}.");

    /// <summary>The password is right and good for nothing but changing it.</summary>
    internal static Fault Expired(UserState user) =>
        Fault.Unauthorized($"The password is expired and needs to be changed for user: {user.Id}.");
}

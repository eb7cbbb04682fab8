using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Whether a password is a user's. Whoever does not know the password learns nothing of the user, neither from the answer's text
/// nor from its time: not whether there is one, nor whether it is disabled or locked out.</summary>
internal sealed class PasswordProof(PasswordHasher hasher, UserActivity activity, IGrainFactory grains)
{
    /// <summary>The user, proven; throws 401 otherwise. The password may have expired.</summary>
    /// <param name="user">Whom the client names; null when there is none.</param>
    /// <param name="password">What it gives.</param>
    /// <param name="from">Where it is.</param>
    /// <param name="ct">It has gone.</param>
    internal async Task<UserState> Prove(UserState? user, string password, string from, CancellationToken ct)
    {
        var login = user is null ? null : await activity.Find(user.Id, ct);
        var locked = user is not null && activity.IsLocked(user, login);
        // Who is locked out waits as long as who is not.
        var right = await hasher.Verify(user?.Password, password, ct, from) && !locked;
        if (!right && user is not null && !locked && activity.CountsFailures(user))
            await grains.GetGrain<IUserLoginGrain>(user.Id.Text).Failed();
        if (!right || user is null)
            throw IdentityFaults.Unauthorized();
        if (!activity.IsEnabled(user, login))
            throw IdentityFaults.Unauthorized();
        // Many guesses at once: by now some of them may have locked the user out. Its grain alone knows in which order they came.
        return !activity.IsWatching || await grains.GetGrain<IUserLoginGrain>(user.Id.Text).Succeeded(activity.CountsFailures(user))
            ? user
            : throw IdentityFaults.Unauthorized();
    }

    /// <summary>The password is right and good for nothing but changing it.</summary>
    internal static Fault Expired(UserState user) =>
        Fault.Unauthorized($"The password is expired and needs to be changed for user: {user.Id}.");
}

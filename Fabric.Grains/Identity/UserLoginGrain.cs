using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <inheritdoc cref="IUserLoginGrain"/>
[GrainType("user_login")]
internal sealed class UserLoginGrain(
    [PersistentState(IdentityKinds.UserLogin, StorageNames.Records)] IPersistentState<UserLoginState> record, TimeProvider time,
    IOptions<IdentityOptions> options) : Grain, IUserLoginGrain
{
    public Task Failed()
    {
        var now = time.GetUtcNow();
        var before = Now(now);
        var next = before.Fail(options.Value.SecurityCompliance, now);
        return next == before ? Task.CompletedTask : record.Write(next);
    }

    public async Task<bool> Succeeded(bool mayBeLocked)
    {
        var now = time.GetUtcNow();
        if (mayBeLocked && Now(now).IsLocked(options.Value.SecurityCompliance, now))
            return false;
        await Forgive();
        return true;
    }

    public Task Forgive()
    {
        var now = time.GetUtcNow();
        var before = Now(now);
        DateTimeOffset? today = options.Value.SecurityCompliance.DisableUserAccountDaysInactive is null
            ? before.ActiveAt
            : new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        return before.Failures == 0 && before.ActiveAt == today
            ? Task.CompletedTask
            : record.Write(before with { Failures = 0, ActiveAt = today });
    }

    public async Task Forget()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private UserLoginState Now(DateTimeOffset now) => record.RecordExists
        ? record.State
        : new() { UserId = new UserId(this.GetPrimaryKeyString()), CreatedAt = now };
}

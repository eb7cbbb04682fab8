using Fabric.Grains.Identity;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Identity;

public sealed class VerifiedPasswordsTests
{
    private static readonly PasswordHash Hash = new("$pbkdf2-sha512$1$c2FsdA$ZGlnZXN0");
    private readonly FakeTime time = new();

    [Fact]
    public void A_right_password_is_known_until_its_time_is_over()
    {
        var verified = new VerifiedPasswords(TimeSpan.FromMinutes(5), time);
        Assert.False(verified.Contains(Hash, "secret"u8.ToArray()));
        verified.Add(Hash, "secret"u8.ToArray());
        Assert.True(verified.Contains(Hash, "secret"u8.ToArray()));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(verified.Contains(Hash, "secret"u8.ToArray()));
    }

    [Fact]
    public void Another_password_and_another_hash_are_not_known()
    {
        var verified = new VerifiedPasswords(TimeSpan.FromMinutes(5), time);
        verified.Add(Hash, "secret"u8.ToArray());
        Assert.False(verified.Contains(Hash, "Secret"u8.ToArray()));
        Assert.False(verified.Contains(new("$pbkdf2-sha512$1$b3RoZXI$ZGlnZXN0"), "secret"u8.ToArray()));
    }

    [Fact]
    public void Without_a_lifetime_nothing_is_remembered()
    {
        var verified = new VerifiedPasswords(TimeSpan.Zero, time);
        verified.Add(Hash, "secret"u8.ToArray());
        Assert.False(verified.Contains(Hash, "secret"u8.ToArray()));
    }
}

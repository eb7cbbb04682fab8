using System.Security.Cryptography;
using Fabric.Grains.Compute;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Compute;

public sealed class SshKeysTests
{
    [Fact]
    public void A_generated_pair_belongs_together()
    {
        var (privateKey, publicKey) = SshKeys.Generate();
        using var rsa = RSA.Create();
        rsa.ImportFromPem(privateKey);
        var modulus = rsa.ExportParameters(false).Modulus!;
        var blob = Convert.FromBase64String(publicKey.Split(' ')[1]);
        Assert.True(blob.AsSpan().IndexOf(modulus) > 0);
        Assert.Matches("^([0-9a-f]{2}:){15}[0-9a-f]{2}$", SshKeys.Fingerprint(publicKey));
    }

    [Fact]
    public void The_fingerprint_is_what_ssh_keygen_says() => Assert.Equal(
        "65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd",
        SshKeys.Fingerprint("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl github"));

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData("ssh-rsa AAAA")]
    [InlineData("ssh-rsa not-base64!")]
    [InlineData("ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==")]
    public void What_is_no_key_is_a_bad_request(string text)
    {
        var fault = Assert.Throws<Fault>(() => SshKeys.Fingerprint(text));
        Assert.Equal("Keypair data is invalid: failed to generate fingerprint", fault.Message);
    }
}

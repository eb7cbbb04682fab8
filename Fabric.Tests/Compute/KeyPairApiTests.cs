using Fabric.Tests.Kit;

namespace Fabric.Tests.Compute;

public sealed class KeyPairApiTests(ComputeFixture fixture) : IClassFixture<ComputeFixture>
{
    private const string Public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me";
    private readonly ComputeClient admin = fixture.AdminCompute;
    private readonly ComputeClient demo = fixture.DemoCompute;

    [Fact]
    public async Task A_generated_pair_is_told_its_private_half_once()
    {
        var made = (await demo.Do(201, "POST", "/os-keypairs", new { keypair = new { name = "made" } }, "2.91")).GetProperty("keypair");
        Assert.StartsWith("-----BEGIN RSA PRIVATE KEY-----", made.GetProperty("private_key").GetString(), StringComparison.Ordinal);
        var shown = (await demo.Do(200, "GET", "/os-keypairs/made")).GetProperty("keypair");
        Assert.False(shown.TryGetProperty("private_key", out _));
        Assert.Equal(made.GetProperty("fingerprint").GetString(), shown.GetProperty("fingerprint").GetString());
        await demo.Do(204, "DELETE", "/os-keypairs/made");
        await demo.Fails(404, "GET", "/os-keypairs/made");
    }

    [Fact]
    public async Task A_certificate_is_generated_with_its_key_and_names_the_user()
    {
        var made = (await demo.Do(201, "POST", "/os-keypairs", new { keypair = new { name = "windows", type = "x509" } }, "2.91"))
            .GetProperty("keypair");
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(
            made.GetProperty("public_key").GetString(), made.GetProperty("private_key").GetString());
        Assert.Equal("CN=" + made.GetProperty("user_id").GetString(), certificate.Subject);
        Assert.Equal(certificate.Thumbprint, made.GetProperty("fingerprint").GetString()!.Replace(":", "", StringComparison.Ordinal),
            ignoreCase: true);
        await demo.Do(204, "DELETE", "/os-keypairs/windows");
    }

    [Fact]
    public async Task From_2_92_on_keys_are_only_imported() => Assert.Contains("'public_key' is a required property",
        await demo.Fails(400, "POST", "/os-keypairs", new { keypair = new { name = "none" } }, "2.92"), StringComparison.Ordinal);

    [Fact]
    public async Task A_name_is_given_once()
    {
        await demo.Do(201, "POST", "/os-keypairs", new { keypair = new { name = "twice", public_key = Public } });
        Assert.Equal("Key pair 'twice' already exists.",
            await demo.Fails(409, "POST", "/os-keypairs", new { keypair = new { name = "twice", public_key = Public } }));
    }

    [Theory]
    [InlineData("sl/ash", Public)]
    [InlineData("", Public)]
    [InlineData("fine", "nonsense")]
    public async Task What_cannot_be_is_a_bad_request(string name, string key) =>
        await demo.Fails(400, "POST", "/os-keypairs", new { keypair = new { name, public_key = key } });

    [Fact]
    public async Task Another_users_key_pairs_are_an_administrators_matter()
    {
        await demo.Do(201, "POST", "/os-keypairs", new { keypair = new { name = "demos", public_key = Public } });
        var user = (await demo.Do(200, "GET", "/os-keypairs/demos")).GetProperty("keypair").GetProperty("user_id").GetString();
        await admin.Do(200, "GET", $"/os-keypairs/demos?user_id={user}");
        await admin.Fails(404, "GET", "/os-keypairs/demos");
        await demo.Fails(403, "GET", "/os-keypairs?user_id=someone-else");
    }

    [Fact]
    public async Task More_than_the_quota_is_refused()
    {
        var id = await admin.Create("whose");
        var project = (await admin.Show(id)).GetProperty("tenant_id").GetString();
        await admin.Delete(id);
        await admin.Do(200, "PUT", $"/os-quota-sets/{project}", new { quota_set = new { key_pairs = 0 } });
        Assert.Equal("Maximum number of key pairs exceeded",
            await admin.Fails(403, "POST", "/os-keypairs", new { keypair = new { name = "more", public_key = Public } }));
        await admin.Do(202, "DELETE", $"/os-quota-sets/{project}");
    }
}

namespace Fabric.Tests.Identity;

public sealed class DomainConfigApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task Settings_of_a_domain_are_made_merged_and_taken_away()
    {
        var domain = await Domain();
        var path = $"/domains/{domain}/config";
        var none = await cloud.Send("GET", path, null, cloud.Admin);
        Assert.Equal((404, $"Could not find any options in domain configuration for domain {domain}."), (none.Status, none.Message));
        var config = new { config = new { ldap = new { url = "ldap://a", password = "secret" }, identity = new { driver = "ldap" } } };

        var made = await cloud.Send("PUT", path, config, cloud.Admin);

        Assert.Equal(201, made.Status);
        Assert.DoesNotContain("secret", made.Body.GetRawText());
        Assert.Equal(200, (await cloud.Send("PUT", path, config, cloud.Admin)).Status);
        var merged = await cloud.Do("PATCH", path, new { config = new { ldap = new { user_tree_dn = "ou=x" } } });
        Assert.Equal(("ldap://a", "ou=x"), (merged.GetProperty("config").GetProperty("ldap").GetProperty("url").GetString(),
            merged.GetProperty("config").GetProperty("ldap").GetProperty("user_tree_dn").GetString()));
        await cloud.Do("PATCH", path + "/ldap/url", new { config = new { url = "ldap://b" } });
        Assert.Equal("""{"config":{"url":"ldap://b"}}""", (await cloud.Do("GET", path + "/ldap/url")).GetRawText());
        Assert.Equal("""{"config":{"identity":{"driver":"ldap"}}}""", (await cloud.Do("GET", path + "/identity")).GetRawText());
        // A secret may be changed, and is never shown.
        await cloud.Do("PATCH", path + "/ldap/password", new { config = new { password = "other" } });
        Assert.Equal(404, (await cloud.Send("GET", path + "/ldap/password", null, cloud.Admin)).Status);

        Assert.Equal(204, (await cloud.Send("DELETE", path + "/identity/driver", null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("DELETE", path + "/identity", null, cloud.Admin)).Status);
        Assert.Equal(204, (await cloud.Send("DELETE", path, null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("GET", path, null, cloud.Admin)).Status);
    }

    [Fact]
    public async Task A_domain_takes_its_settings_along()
    {
        var domain = await Domain();
        await cloud.Do("PUT", $"/domains/{domain}/config", new { config = new { identity = new { driver = "sql" } } });
        await cloud.Do("PATCH", "/domains/" + domain, new { domain = new { enabled = false } });
        await cloud.Do("DELETE", "/domains/" + domain);
        await cloud.Do("POST", "/domains", new { domain = new { name = "again" + domain, explicit_domain_id = domain } });
        Assert.Equal(404, (await cloud.Send("GET", $"/domains/{domain}/config", null, cloud.Admin)).Status);
    }

    [Theory]
    [InlineData("", """{"config": {}}""", "No options specified")]
    [InlineData("", """{"config": {"ldap": 5}}""", "The value of group ldap specified in the config should be a dictionary of options")]
    [InlineData("", """{"config": {"nova": {"a": 1}}}""", "Group nova is not supported for domain specific configurations")]
    [InlineData("", """{"config": {"ldap": {"a": 1}}}""",
        "Option a in group ldap is not supported for domain specific configurations")]
    [InlineData("/ldap", """{"config": {"identity": {"driver": "x"}}}""",
        "request to update group ldap, but config provided contains group identity instead")]
    [InlineData("/ldap/url", """{"config": {"user": "x"}}""",
        "Trying to update option url in group ldap, but config provided contains option user instead")]
    public async Task Settings_that_cannot_be_are_refused(string tail, string body, string reason)
    {
        var answer = await cloud.Send("PATCH", $"/domains/default/config{tail}", body, cloud.Admin);
        Assert.Equal((403, $"Invalid domain specific configuration: {reason}."), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Defaults_are_read_by_administrators_and_what_passwords_must_be_like_by_all()
    {
        Assert.Equal("ldap://localhost", (await cloud.Do("GET", "/domains/config/default")).GetProperty("config").GetProperty("ldap")
            .GetProperty("url").GetString());
        Assert.Equal("sql", (await cloud.Do("GET", "/domains/config/identity/default")).GetProperty("config").GetProperty("identity")
            .GetProperty("driver").GetString());
        Assert.Equal("cn", (await cloud.Do("GET", "/domains/config/ldap/user_id_attribute/default")).GetProperty("config").GetProperty(
            "user_id_attribute").GetString());
        Assert.Equal(403, (await cloud.Send("GET", "/domains/config/ldap/password/default", null, cloud.Admin)).Status);
        var (_, _, token) = await cloud.Someone("member");
        Assert.Equal(403, (await cloud.Send("GET", "/domains/config/default", null, token)).Status);
        Assert.Equal(403, (await cloud.Send("GET", "/domains/default/config", null, token)).Status);
        Assert.Equal(200, (await cloud.Send("GET", "/domains/default/config/security_compliance", null, token)).Status);
        Assert.Equal(403, (await cloud.Send(
            "GET", "/domains/default/config/security_compliance/lockout_duration", null, token)).Status);
    }

    private async Task<string> Domain() => (await cloud.Do("POST", "/domains", new { domain = new { name = "d" + Guid.NewGuid() } }))
        .GetProperty("domain").GetProperty("id").GetString()!;
}

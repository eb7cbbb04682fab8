using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Gateway.Identity.Credentials;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Identity;

public sealed class CredentialApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_credential_is_made_listed_changed_and_removed_by_its_owner()
    {
        var (user, project, token) = await cloud.Someone("member");
        var made = await cloud.Send("POST", "/credentials",
            new { credential = new { user_id = user, type = "cert", blob = "the secret", project_id = project, color = "red" } }, token);
        Assert.Equal(201, made.Status);
        var credential = made.Body.GetProperty("credential");
        Assert.Equal(["blob", "color", "id", "links", "project_id", "type", "user_id"],
            credential.EnumerateObject().Select(p => p.Name).Order());
        var path = "/credentials/" + credential.GetProperty("id").GetString();

        Assert.Equal("the secret", (await cloud.Send("GET", path, null, token)).Body.GetProperty("credential")
            .GetProperty("blob").GetString());
        Assert.Single((await cloud.Send("GET", "/credentials", null, token)).Body.GetProperty("credentials").EnumerateArray());
        Assert.Empty((await cloud.Send("GET", "/credentials?type=totp", null, token)).Body.GetProperty("credentials").EnumerateArray());
        var other = await cloud.Send("PATCH", path, new { credential = new { blob = "another" } }, token);
        Assert.Equal("another", other.Body.GetProperty("credential").GetProperty("blob").GetString());
        Assert.Single((await cloud.Do("GET", "/credentials?user_id=" + user)).GetProperty("credentials").EnumerateArray());
        Assert.Equal(204, (await cloud.Send("DELETE", path, null, token)).Status);
        var gone = await cloud.Send("GET", path, null, cloud.Admin);
        Assert.Equal(404, gone.Status);
        Assert.StartsWith("Could not find credential: ", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_reads_or_makes_a_credential_of_somebody_else()
    {
        var (user, _, token) = await cloud.Someone("member");
        var (_, _, stranger) = await cloud.Someone("member");
        var body = new { credential = new { user_id = user, type = "totp", blob = "ABCD" } };
        var id = Id(await cloud.Send("POST", "/credentials", body, token));
        Assert.Equal(403, (await cloud.Send("POST", "/credentials", body, stranger)).Status);
        foreach (var method in (string[])["GET", "DELETE"])
            Assert.Equal(403, (await cloud.Send(method, "/credentials/" + id, null, stranger)).Status);
        Assert.Equal(403, (await cloud.Send("PATCH", "/credentials/" + id, new { credential = new { blob = "x" } }, stranger)).Status);
        Assert.Empty((await cloud.Send("GET", "/credentials?user_id=" + user, null, stranger)).Body.GetProperty("credentials")
            .EnumerateArray());
        // Nor gives one's own to somebody, to log in as that one.
        var admin = (await cloud.Show(cloud.Admin)).GetProperty("user").GetProperty("id").GetString();
        Assert.Equal(403, (await cloud.Send("PATCH", "/credentials/" + id, new { credential = new { user_id = admin } }, token)).Status);
    }

    [Theory]
    [InlineData("""{"type": "ec2", "blob": "{\"access\": \"a\"}"}""", "is not valid under any of the given schemas")]
    [InlineData("""{"type": "EC2", "blob": "{\"access\": \"a\"}"}""", "'project_id' is a required property")]
    [InlineData("""{"type": "ec2", "blob": "x", "project_id": "p"}""", "Invalid blob in credential")]
    [InlineData("""{"type": "ec2", "blob": "[]", "project_id": "p"}""", "Expecting to find blob in credential.")]
    [InlineData("""{"type": "ec2", "blob": "{\"secret\": \"s\"}", "project_id": "p"}""", "Expecting to find access in credential.")]
    [InlineData("""{"type": "cert"}""", "is not valid under any of the given schemas")]
    [InlineData("""{"type": "cert", "blob": {}}""", "{} is not of type 'string'")]
    public async Task A_credential_that_makes_no_sense_is_told_why(string body, string expected)
    {
        var (user, _, token) = await cloud.Someone("member");
        var text = $$"""{"credential": {"user_id": "{{user}}", {{body[1..]}}}""";
        var answer = await cloud.Send("POST", "/credentials", text, token);
        Assert.Equal(400, answer.Status);
        Assert.Contains(expected, answer.Message);
    }

    [Fact]
    public async Task What_is_kept_of_a_credential_says_nothing_and_a_rotation_brings_it_under_the_new_key()
    {
        var (user, _, token) = await cloud.Someone("member");
        var id = Id(await cloud.Send("POST", "/credentials",
            new { credential = new { user_id = user, type = "cert", blob = "never in the clear" } }, token));
        var before = (await cloud.Get<IdentityIndex>().FindCredential(id, default))!;
        Assert.DoesNotContain("never", before.Secret.Text);
        Assert.DoesNotContain(before.Secret.Text, $"{before}");

        var keys = new FernetKeys(Path.Combine(cloud.Folder, "credential-keys"), 3);
        var reseal = cloud.Get<CredentialReseal>();
        for (var round = 0; round < 3; round++)
        {
            keys.Rotate();
            await reseal.Run(default);
            Assert.Equal(keys.Primary.Hash, await File.ReadAllTextAsync(Path.Combine(cloud.Folder, "credential-keys", "migrated")));
        }

        var after = (await cloud.Get<IdentityIndex>().FindCredential(id, default))!;
        Assert.NotEqual(before.Secret, after.Secret);
        var shown = await cloud.Send("GET", "/credentials/" + id, null, token);
        Assert.Equal("never in the clear", shown.Body.GetProperty("credential").GetProperty("blob").GetString());
    }

    [Fact]
    public async Task An_EC2_credential_may_be_of_a_domain_as_that_is_a_project_as_well()
    {
        var (user, _, _) = await cloud.Someone("member");
        var made = await cloud.Send("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = "default" }, cloud.Admin);
        Assert.Equal((201, "default"), (made.Status, made.Body.GetProperty("credential").GetProperty("tenant_id").GetString()));
        var absent = await cloud.Send("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = "absent" }, cloud.Admin);
        Assert.Equal((404, "Could not find project: absent."), (absent.Status, absent.Message));
    }

    [Fact]
    public async Task An_EC2_credential_signs_requests_and_a_service_gets_a_token_for_them()
    {
        var (user, project, token) = await cloud.Someone("member");
        var path = $"/users/{user}/credentials/OS-EC2";
        var made = await cloud.Send("POST", path, new { tenant_id = project }, token);
        Assert.Equal(201, made.Status);
        var pair = made.Body.GetProperty("credential");
        var (access, secret) = (pair.GetProperty("access").GetString()!, pair.GetProperty("secret").GetString()!);
        Assert.Equal(project, pair.GetProperty("tenant_id").GetString());
        Assert.Single((await cloud.Send("GET", path, null, token)).Body.GetProperty("credentials").EnumerateArray());
        Assert.Equal(secret,
            (await cloud.Send("GET", $"{path}/{access}", null, token)).Body.GetProperty("credential").GetProperty("secret").GetString());

        foreach (var version in (string[])["0", "1", "2", "4"])
        {
            var signed = Sign(version, access, secret);
            var answer = await cloud.Send("POST", "/ec2tokens", new { credentials = signed }, cloud.Admin);
            Assert.True(answer.Status == 200, $"version {version}: {answer.Status} {answer.Body}");
            var body = answer.Body.GetProperty("token");
            Assert.Equal(user, body.GetProperty("user").GetProperty("id").GetString());
            Assert.Equal("ec2credential", body.GetProperty("methods")[0].GetString());
            Assert.Equal(body.GetProperty("audit_ids")[0].GetString(),
                (await cloud.Show(answer.Token)).GetProperty("audit_ids")[0].GetString());
            // It is for the service that was asked: identity itself takes it for nothing.
            foreach (var asked in (string[])["/auth/projects", path])
                Assert.Equal(403, (await cloud.Send("GET", asked, null, answer.Token)).Status);
            signed["signature"] = "AAAA" + ((string)signed["signature"]!)[4..];
            Assert.Equal(401, (await cloud.Send("POST", "/ec2tokens", new { credentials = signed }, cloud.Admin)).Status);
        }

        Assert.Equal(403, (await cloud.Send("POST", "/ec2tokens", new { credentials = Sign("2", access, secret) }, token)).Status);
        // The path's user need not be the owner, for whom the rule lets see both.
        var (other, _, _) = await cloud.Someone("member");
        Assert.Equal(200, (await cloud.Send("GET", $"/users/{other}/credentials/OS-EC2/{access}", null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("GET", $"/users/nobody/credentials/OS-EC2/{access}", null, cloud.Admin)).Status);
        // What is no such pair any more is none of these routes', and Keystone says so with 401.
        var id = CredentialEndpoints.IdOfAccessKey(access);
        await cloud.Do("PATCH", "/credentials/" + id, new { credential = new { type = "cert" } });
        Assert.Equal(401, (await cloud.Send("GET", $"{path}/{access}", null, token)).Status);
        await cloud.Do("PATCH", "/credentials/" + id, new { credential = new { type = "ec2" } });
        Assert.Equal(204, (await cloud.Send("DELETE", $"{path}/{access}", null, token)).Status);
        Assert.Equal(404, (await cloud.Send("GET", $"{path}/{access}", null, token)).Status);
        Assert.Equal(404, (await cloud.Send("POST", "/ec2tokens", new { credentials = Sign("2", access, secret) }, cloud.Admin)).Status);
    }

    [Fact]
    public async Task A_signature_that_is_too_old_is_refused()
    {
        var (user, project, token) = await cloud.Someone("member");
        var pair = (await cloud.Send("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = project }, token)).Body
            .GetProperty("credential");
        var (access, secret) = (pair.GetProperty("access").GetString()!, pair.GetProperty("secret").GetString()!);
        var old = Sign("2", access, secret, DateTimeOffset.UtcNow.AddMinutes(-16));
        Assert.Equal(401, (await cloud.Send("POST", "/ec2tokens", new { credentials = old }, cloud.Admin)).Status);
        var bad = Sign("2", access, secret, "yesterday");
        Assert.Equal(401, (await cloud.Send("POST", "/ec2tokens", new { credentials = bad }, cloud.Admin)).Status);
    }

    [Theory]
    [InlineData("{}", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"credentials": {}}""", 401)]
    [InlineData("""{"credentials": {"access": 1}}""", 401)]
    [InlineData("""{"credentials": {"access": "nobody", "signature": {}, "params": []}}""", 404)]
    public async Task A_signed_request_that_makes_no_sense_is_no_500(string body, int status)
    {
        Assert.Equal(status, (await cloud.Send("POST", "/ec2tokens", body, cloud.Admin)).Status);
        Assert.Equal(status, (await cloud.Send("POST", "/s3tokens", body, cloud.Admin)).Status);
    }

    [Fact]
    public async Task An_S3_request_is_checked_by_what_was_signed()
    {
        var (user, project, token) = await cloud.Someone("member");
        var pair = (await cloud.Send("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = project }, token)).Body
            .GetProperty("credential");
        var (access, secret) = (pair.GetProperty("access").GetString()!, pair.GetProperty("secret").GetString()!);
        var text = Encoding.UTF8.GetBytes("GET\n\n\nMon, 01 Jan 2024 00:00:00 +0000\n/bucket/object");
        var right = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), text));
        var body = new { credentials = new { access, token = Convert.ToBase64String(text).Replace('+', '-').Replace('/', '_'),
            signature = right } };
        var answer = await cloud.Send("POST", "/s3tokens", body, cloud.Admin);
        Assert.Equal(200, answer.Status);
        Assert.False(answer.Headers.Contains("X-Subject-Token"));
        Assert.Equal(project, answer.Body.GetProperty("token").GetProperty("project").GetProperty("id").GetString());

        var v4 = "AWS4-HMAC-SHA256\n20240101T000000Z\n20240101/region/s3/aws4_request\n" + new string('0', 64);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(
            Ec2Signature.V4Key(secret, "20240101", "region", "s3"), Encoding.UTF8.GetBytes(v4)));
        var signed = new { credentials = new { access, token = Convert.ToBase64String(Encoding.UTF8.GetBytes(v4)), signature } };
        Assert.Equal(200, (await cloud.Send("POST", "/s3tokens", signed, cloud.Admin)).Status);
        var wrong = new { credentials = signed.credentials with { signature = right } };
        Assert.Equal(401, (await cloud.Send("POST", "/s3tokens", wrong, cloud.Admin)).Status);
    }

    [Fact]
    public void Amazons_own_example_of_version_4_comes_out_as_Amazon_says()
    {
        // "Example: signature calculation" of the IAM user guide.
        var request = new Ec2Request
        {
            Access = "AKIDEXAMPLE",
            Verb = "GET",
            Host = "iam.amazonaws.com",
            Path = "/",
            BodyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            Params = new Dictionary<string, string> { ["Action"] = "ListUsers", ["Version"] = "2010-05-08" },
            Headers = new Dictionary<string, string>
            {
                ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8",
                ["Host"] = "iam.amazonaws.com",
                ["X-Amz-Date"] = "20150830T123600Z",
                ["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                    + "SignedHeaders=content-type;host;x-amz-date, Signature=x",
            },
        };
        Assert.Equal("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            Ec2Signature.Of(request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    }

    [Fact]
    public async Task A_users_credentials_go_with_the_user()
    {
        var (user, project, token) = await cloud.Someone("member");
        var id = Id(await cloud.Send("POST", "/credentials", new { credential = new { user_id = user, type = "cert", blob = "x" } },
            token));
        await cloud.Send("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = project }, token);
        await cloud.Do("DELETE", "/users/" + user);
        Assert.Equal(404, (await cloud.Send("GET", "/credentials/" + id, null, cloud.Admin)).Status);
        Assert.Empty((await cloud.Do("GET", "/credentials?user_id=" + user)).GetProperty("credentials").EnumerateArray());
    }

    private static string Id(IdentityCloud.Answer answer) => answer.Body.GetProperty("credential").GetProperty("id").GetString()!;

    private static Dictionary<string, object?> Sign(string version, string access, string secret, object? at = null)
    {
        var time = at as string ?? (at as DateTimeOffset? ?? DateTimeOffset.UtcNow).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var parameters = new Dictionary<string, string> { ["Action"] = "Describe All", ["AWSAccessKeyId"] = access };
        var headers = new Dictionary<string, string>();
        if (version == "4")
        {
            var day = DateTime.UtcNow.ToString("yyyyMMdd");
            headers["X-Amz-Date"] = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'");
            headers["Host"] = "cloud.example.org:8773";
            headers["Authorization"] = $"AWS4-HMAC-SHA256 Credential={access}/{day}/RegionOne/ec2/aws4_request, "
                + "SignedHeaders=host;x-amz-date";
        }
        else
        {
            (parameters["SignatureVersion"], parameters["Timestamp"]) = (version, time);
        }

        // Signed without the port, sent with it, as old clients do.
        var request = new Ec2Request
        {
            Access = access, Verb = "GET", Host = "cloud.example.org", Path = "/services/Cloud", BodyHash = new string('0', 64),
            Params = parameters, Headers = headers,
        };
        return new()
        {
            ["access"] = access, ["verb"] = "GET", ["host"] = "cloud.example.org:8773", ["path"] = request.Path,
            ["body_hash"] = request.BodyHash, ["params"] = parameters, ["headers"] = headers,
            ["signature"] = Ec2Signature.Of(request, secret),
        };
    }
}

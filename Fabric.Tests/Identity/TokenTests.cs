using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Kernel;
using Fabric.Tests.Kit;
using FsCheck.Fluent;
using Microsoft.Extensions.Options;

namespace Fabric.Tests.Identity;

public sealed class TokenTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_a_token_says_survives_its_compact_form()
    {
        var random = new Random(4711);
        for (var i = 0; i < 200; i++)
        {
            var payload = new TokenPayload
            {
                UserId = i % 2 == 0 ? ResourceIdText.NewHex() : "user-é-" + i,
                Methods = (TokenMethods)random.Next(1, 4),
                Scope = (TokenScope)(i % 4),
                ScopeId = (i % 3) switch { 0 => "", 1 => "default", _ => ResourceIdText.NewHex() },
                IssuedAt = DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(1L << 54) * 10),
                ExpiresAt = DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(1L << 54) * 10),
                AuditIds = [.. Enumerable.Range(0, 1 + i % 2).Select(_ => TokenPayload.NewAuditId())],
            };

            var read = TokenPayload.FromBytes(payload.ToBytes())!;

            Assert.Equal(payload.AuditIds, read.AuditIds);
            Assert.Equal(payload with { AuditIds = [] }, read with { AuditIds = [] });
        }
    }

    [Fact]
    public void What_lends_a_token_its_rights_survives_both_of_its_forms()
    {
        var jws = new JwsTokens(new JwsKeys(folder.File("private"), folder.File("public"), 3));
        TokenPayload[] payloads =
        [
            Lent() with { TrustId = ResourceIdText.NewHex() },
            Lent() with { AppCredentialId = ResourceIdText.NewHex(), Methods = TokenMethods.ApplicationCredential },
            Lent() with { AccessTokenId = ResourceIdText.NewHex(), Methods = TokenMethods.OAuth1 },
            Lent() with { IdentityProviderId = "idp", ProtocolId = "saml2", GroupIds = ["one", ResourceIdText.NewHex()],
                Methods = TokenMethods.Saml2 | TokenMethods.Token },
            Lent() with { Methods = TokenMethods.Ec2Credential, AuditIds = [TokenPayload.NewAuditId(), TokenPayload.NewAuditId()] },
            Lent() with { Scope = TokenScope.System, ScopeId = "" },
        ];
        foreach (var payload in payloads)
        {
            foreach (var read in (TokenPayload?[])[TokenPayload.FromBytes(payload.ToBytes()), jws.Open(jws.Write(payload))])
            {
                Assert.Equal(payload.AuditIds, read!.AuditIds);
                Assert.Equal(payload.GroupIds, read.GroupIds);
                Assert.Equal(payload with { AuditIds = [], GroupIds = [] }, read with { AuditIds = [], GroupIds = [] });
            }
        }
    }

    [Fact]
    public void A_gateway_of_the_version_before_reads_what_is_nothing_new()
    {
        var plain = Lent() with { Methods = TokenMethods.Password | TokenMethods.Token };
        Assert.Equal(1, plain.ToBytes()[0]);
        Assert.Equal(2, (plain with { TrustId = "x" }).ToBytes()[0]);
    }

    [Fact]
    public void A_rotation_of_the_keys_that_sign_loses_no_token()
    {
        var keys = new JwsKeys(folder.File("private"), folder.File("public"), 3);
        var (mine, other) = (new JwsTokens(keys), new JwsTokens(new JwsKeys(folder.File("private"), folder.File("public"), 3)));
        var first = mine.Write(Lent());
        Assert.NotNull(other.Open(first));
        keys.Rotate();
        Assert.NotNull(mine.Open(first));
        Assert.NotNull(other.Open(mine.Write(Lent())));
        Assert.NotNull(mine.Open(other.Write(Lent())));
        keys.Rotate();
        Assert.NotNull(other.Open(first));
        keys.Rotate();
        Assert.Null(other.Open(first));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("private/private.pem")));
    }

    [Fact]
    public void A_signed_token_is_refused_when_anything_of_it_was_changed()
    {
        var jws = new JwsTokens(new JwsKeys(folder.File("private"), folder.File("public"), 3));
        var token = jws.Write(Lent());
        var parts = token.Split('.');
        string[] wrong =
        [
            "", ".", "..", "a.b.c", parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1] + "." + parts[2][..^4] + "AAAA",
            "eyJhbGciOiJub25lIn0." + parts[1] + ".", token + ".x", parts[1] + "." + parts[0] + "." + parts[2],
        ];
        Assert.All(wrong, text => Assert.Null(jws.Open(text)));
        Assert.NotNull(jws.Open(token));
    }

    private static TokenPayload Lent() => new()
    {
        UserId = ResourceIdText.NewHex(),
        Methods = TokenMethods.Password,
        Scope = TokenScope.Project,
        ScopeId = ResourceIdText.NewHex(),
        IssuedAt = DateTimeOffset.UnixEpoch.AddTicks(17_000_000_000_123_450),
        ExpiresAt = DateTimeOffset.UnixEpoch.AddTicks(17_000_036_000_123_450),
        AuditIds = [TokenPayload.NewAuditId()],
    };

    [Fact]
    public void A_token_opens_with_its_key_alone_and_not_when_a_bit_was_turned()
    {
        var keys = new FernetKeys(folder.Path, 3);
        var sealedText = keys.Primary.Seal([1, 2, 3], DateTimeOffset.UtcNow);
        var bytes = FernetKey.Decode(sealedText)!;
        Assert.Equal([1, 2, 3], keys.Primary.Open(bytes));
        Assert.Null(keys.All[^1].Open(bytes));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.Null(keys.Primary.Open(bytes));
            bytes[i] ^= 1;
        }
    }

    [Fact]
    public void A_fernet_token_of_the_specification_opens()
    {
        // The vector "generate" and "verify" of github.com/fernet/spec.
        var key = new FernetKey(Convert.FromBase64String("cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4="));
        var bytes = FernetKey.Decode(
            "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==")!;
        Assert.Equal("hello", System.Text.Encoding.ASCII.GetString(key.Open(bytes)!));
    }

    [Fact]
    public void Rotation_keeps_what_it_should_and_other_processes_see_it()
    {
        var keys = new FernetKeys(folder.Path, 3);
        var other = new FernetKeys(folder.Path, 3);
        Assert.Equal(["0", "1"], Files());
        var first = FernetKey.Decode(other.Primary.Seal([7], DateTimeOffset.UtcNow))!;
        var staged = other.All[^1].Seal([8], DateTimeOffset.UtcNow);

        keys.Rotate();
        Assert.Equal(["0", "1", "2"], Files());
        // What was staged signs now, which a process that knew it before could open all along.
        Assert.NotNull(keys.Primary.Open(FernetKey.Decode(staged)!));
        Assert.Contains(other.All, key => key.Open(first) is not null);
        keys.Rotate();
        Assert.Equal(["0", "2", "3"], Files());
        Assert.DoesNotContain(other.All, key => key.Open(first) is not null);
        foreach (var file in Directory.GetFiles(folder.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_password_is_salted_slow_and_verified()
    {
        var hasher = new PasswordHasher(Options.Create(new IdentityOptions { PasswordRounds = 1000 }), TimeProvider.System);
        var one = await hasher.Hash("secret", default);
        var two = await hasher.Hash("secret", default);
        Assert.Matches(@"^\$pbkdf2-sha512\$1000\$[A-Za-z0-9./]{22}\$[A-Za-z0-9./]{86}$", one.Text);
        Assert.NotEqual(one, two);
        Assert.DoesNotContain("pbkdf2", $"{one}");
        Assert.True(await hasher.Verify(one, "secret", default));
        Assert.False(await hasher.Verify(one, "Secret", default));
        Assert.False(await hasher.Verify(null, "secret", default));
        Assert.Equal(210_000, new IdentityOptions().PasswordRounds);
    }

    [Fact]
    public async Task A_password_counts_as_far_as_the_operator_says_and_older_ones_stay_good()
    {
        var (now, before) = (Hasher(72), Hasher(4096));
        var (short72, long73) = (new string('p', 72), new string('p', 73));
        var cut = await now.Hash(long73, default);
        Assert.True(await now.Verify(cut, short72, default));
        Assert.True(await now.Verify(cut, short72 + "q", default));
        Assert.False(await now.Verify(cut, short72[1..], default));
        var whole = await before.Hash(long73, default);
        Assert.True(await now.Verify(whole, long73, default));
        Assert.False(await now.Verify(whole, short72, default));

        static PasswordHasher Hasher(int most) =>
            new(Options.Create(new IdentityOptions { PasswordRounds = 1000, MaxPasswordLength = most }), TimeProvider.System);
    }

    [Fact]
    public void Implied_roles_end_also_when_they_go_in_circles()
    {
        FsCheck.Check.QuickThrowOnFailure(FsCheck.Fluent.Prop.ForAll(FsCheck.Fluent.ArbMap.Default.ArbFor<int[]>(), picks =>
        {
            var ids = Enumerable.Range(0, 6).Select(i => new RoleId("r" + i)).ToArray();
            var roles = ids.Select((id, i) => new RoleState
            {
                Id = id,
                Name = id.Text,
                Implies = [.. picks.Where(pick => Math.Abs(pick % 6) == i).Select(pick => ids[Math.Abs(pick / 6 % 6)]).Append(new("gone"))],
                CreatedAt = default,
                UpdatedAt = default,
            }).ToArray();

            var expanded = new RoleSet(roles).Expand([ids[0]]).Select(role => role.Id).ToHashSet();

            // The slow obvious model: add until nothing is added.
            var model = new HashSet<RoleId> { ids[0] };
            while (model.UnionIfGrows(roles.Where(role => model.Contains(role.Id)).SelectMany(role => role.Implies).Where(ids.Contains)))
            {
            }

            return expanded.SetEquals(model);
        }));
    }

    private string[] Files() => [.. Directory.GetFiles(folder.Path).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
}

internal static class SetGrowth
{
    internal static bool UnionIfGrows<T>(this HashSet<T> set, IEnumerable<T> more)
    {
        var before = set.Count;
        set.UnionWith(more.ToArray());
        return set.Count > before;
    }
}

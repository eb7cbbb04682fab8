namespace Fabric.Grains.Identity;

/// <summary>Settings of identity; configuration section <c>Identity</c>.</summary>
public sealed class IdentityOptions
{
    /// <summary>Where the files below lie unless they say otherwise. Default: the process' data directory.</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>Holds the admin's first password; made, readable for its owner alone, when it is not there. Default:
    /// <c>admin-password</c>.</summary>
    public string AdminPasswordFile { get; set; } = "admin-password";

    /// <summary>The same for the user <c>demo</c>. Default: <c>demo-password</c>.</summary>
    public string DemoPasswordFile { get; set; } = "demo-password";

    /// <summary>Directory of the keys that tokens are signed with. Default: <c>fernet-keys</c>.</summary>
    public string KeyRepository { get; set; } = "fernet-keys";

    /// <summary>How many keys stay valid, the staged one included. With rotation every lifetime, three let no token die early. Default:
    /// 3.</summary>
    public int MaxActiveKeys { get; set; } = 3;

    /// <summary>How new tokens are written: <c>fernet</c>, sealed, or <c>jws</c>, signed for all to read. Either way those of the other
    /// form stay good until they end. Default: <c>fernet</c>.</summary>
    public string TokenProvider { get; set; } = "fernet";

    /// <summary>Directory of the key that signs JWS tokens (<c>private.pem</c>). Default: <c>jws-keys/private</c>.</summary>
    public string JwsPrivateKeys { get; set; } = "jws-keys/private";

    /// <summary>Directory of the keys that JWS tokens are checked with. Default: <c>jws-keys/public</c>.</summary>
    public string JwsPublicKeys { get; set; } = "jws-keys/public";

    /// <summary>Directory of the keys that credentials and OAuth1 secrets are sealed with. Default: <c>credential-keys</c>.</summary>
    public string CredentialKeys { get; set; } = "credential-keys";

    /// <summary>For how long after its end a service may still ask what a token was. Default: two days, as in OpenStack.</summary>
    public TimeSpan AllowExpiredWindow { get; set; } = TimeSpan.FromDays(2);

    /// <summary>Whether a token of an unrestricted application credential may make trusts, which can reach farther than it does itself
    /// (Keystone's option of that name, for Heat). Default: no.</summary>
    public bool AllowInsecureApplicationCredentialTrustEscalation { get; set; }

    /// <summary>How old the signature of an EC2 request may be. Default: 15 minutes.</summary>
    public TimeSpan Ec2SignatureLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a receipt for a first factor is good. Default: 5 minutes.</summary>
    public TimeSpan ReceiptLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many past one-time passwords are good, besides the present one. Default: 1.</summary>
    public int TotpPreviousWindows { get; set; } = 1;

    /// <summary>How long an OAuth1 request token is good; zero for ever. Default: 8 hours.</summary>
    public TimeSpan RequestTokenLifetime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>How long an OAuth1 access token is good; zero for ever. Default: a day.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The header in which a web server that has authenticated the user says who it is; the method <c>external</c>. Whoever
    /// reaches the gateway past that server can be anybody, so it must be the only way. Default: empty, which is off.</summary>
    public string ExternalUserHeader { get; set; } = "";

    /// <summary>The header in which that server names the user's domain; the default domain when there is none. Default: empty.</summary>
    public string ExternalDomainHeader { get; set; } = "";

    /// <summary>How long a token is good. Default: an hour, as in OpenStack.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Rounds of PBKDF2-SHA512 for new passwords (OWASP's recommendation of 2023). Default: 210,000.</summary>
    public int PasswordRounds { get; set; } = 210_000;

    /// <summary>How many bytes of a password count; what is beyond them is left away, with a warning (Keystone's
    /// <c>max_password_length</c>). Default: 72, which is what Keystone comes to with its own default algorithm; ours has no such
    /// bound.</summary>
    public int MaxPasswordLength { get; set; } = 72;

    /// <summary>For how long after a login the same password of the same user is known to be right without hashing it again; kept in memory
    /// only. Zero hashes each time. Default: 5 minutes.</summary>
    public TimeSpan PasswordMemory { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Address of the cloud in the catalog, e.g. <c>https://cloud.example.org</c>. Default: the one by which each client
    /// came.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>The region of the first endpoints. Default: <c>RegionOne</c>.</summary>
    public string Region { get; set; } = "RegionOne";

    /// <summary>Most levels of projects below a user domain (Keystone's <c>max_project_tree_depth</c>). Default: 5.</summary>
    public int ProjectTreeDepth { get; set; } = 5;

    /// <summary>How limits of a tree of projects depend on each other (Keystone's <c>[unified_limit] enforcement_model</c>). Default:
    /// not at all.</summary>
    public LimitModel LimitModel { get; set; }

    /// <summary>Whether a project for which no endpoint was chosen sees all (Keystone's <c>[endpoint_filter]
    /// return_all_endpoints_if_no_filter</c>). Default: yes.</summary>
    public bool ReturnAllEndpointsIfNoFilter { get; set; } = true;

    /// <summary>The longest list of users, projects and the like; a longer one is cut and says <c>truncated</c>. Default: none, as with
    /// Keystone's <c>list_limit</c>.</summary>
    public int? ListLimit { get; set; }

    /// <summary>What passwords must be like.</summary>
    public SecurityComplianceOptions SecurityCompliance { get; set; } = new();

    /// <summary>Most levels of projects that both the tree's setting and the model of limits allow.</summary>
    public int MaxProjectLevels => LimitModel == LimitModel.StrictTwoLevel ? Math.Min(ProjectTreeDepth, 2) : ProjectTreeDepth;

    /// <summary>A file's or directory's full path.</summary>
    public string PathOf(string name) => Path.GetFullPath(Path.Combine(DataDirectory, name));
}

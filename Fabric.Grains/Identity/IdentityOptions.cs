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

    /// <summary>How long a token is good. Default: an hour, as in OpenStack.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Rounds of PBKDF2-SHA512 for new passwords (OWASP's recommendation of 2023). Default: 210,000.</summary>
    public int PasswordRounds { get; set; } = 210_000;

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

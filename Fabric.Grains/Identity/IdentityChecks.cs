namespace Fabric.Grains.Identity;

/// <summary>The checks that many of identity's rules are (source: <c>keystone/common/policies/base.py</c>).</summary>
internal static class IdentityChecks
{
    /// <summary>Whoever has a token.</summary>
    internal const string Anybody = "";

    internal const string Admin = "rule:admin_required";

    /// <summary>Besides the cloud's admin, a reader of the whole system.</summary>
    internal const string AdminOrSystemReader = "rule:admin_required or (role:reader and system_scope:all)";
}

using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>What a token stands for, or why it stands for nothing any more.</summary>
internal readonly record struct Resolution(ResolvedToken? Token, Fault? Why)
{
    /// <summary>It has ended, or was revoked.</summary>
    internal static Fault Ended => Fault.NotFound("TokenNotFound", "Failed to validate token");

    /// <summary>No key of ours wrote it.</summary>
    internal static Fault Unreadable => Fault.NotFound("TokenNotFound", "Could not recognize Fernet token");

    public static implicit operator Resolution(ResolvedToken token) => new(token, null);

    public static implicit operator Resolution(Fault why) => new(null, why);

    /// <summary>A project that is switched off.</summary>
    internal static Fault Disabled(ProjectState project) => Fault.NotFound(
        "ProjectNotFound", $"Unable to validate token because project {project.Id} is disabled");

    /// <summary>A user domain that is switched off.</summary>
    internal static Fault Disabled(UserDomainState domain) => Fault.NotFound(
        "DomainNotFound", $"Unable to validate token because domain {domain.Id} is disabled");
}

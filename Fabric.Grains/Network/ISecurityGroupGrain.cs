using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>One security group with its rules; the key is its id. The only writer of its record.</summary>
[Alias("network.security-group")]
public interface ISecurityGroupGrain : IGrainWithStringKey
{
    /// <summary>Makes the group, durably. The same call again answers with the group made.</summary>
    [Alias("Create")]
    Task<SecurityGroupState> Create(CreateSecurityGroup request);

    /// <summary>The project's default group, made when it is not there. The key must be the project's default group's id.</summary>
    [Alias("EnsureDefault")]
    Task<SecurityGroupState> EnsureDefault(ProjectId project);

    /// <summary>Changes it, durably.</summary>
    [Alias("Update")]
    Task<SecurityGroupState> Update(SecurityGroupChange change);

    /// <summary>Ends it.</summary>
    /// <exception cref="Fault">Conflict while a port has it, or when it is a project's default and the caller no admin.</exception>
    [Alias("Delete")]
    Task Delete(bool asAdmin);

    /// <summary>Adds rules, all or none, durably.</summary>
    /// <exception cref="Fault">Conflict <c>SecurityGroupRuleExists</c>; BadRequest.</exception>
    [Alias("AddRules")]
    Task<IReadOnlyList<SecurityRule>> AddRules(IReadOnlyList<SecurityRule> rules);

    /// <summary>Takes a rule away.</summary>
    [Alias("RemoveRule")]
    Task RemoveRule(SecurityGroupRuleId id);

    /// <summary>Ports came or went: nodes where other ports let this group's members in are told, many changes at once.</summary>
    [OneWay]
    [AlwaysInterleave]
    [Alias("MembersChanged")]
    Task MembersChanged();
}

using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>The record of one security group with its rules.</summary>
[GenerateSerializer, Immutable, Alias("network.security-group-state")]
public sealed record SecurityGroupState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "security-group";

    /// <summary>Secondary key by a rule's id.</summary>
    public const string RuleRef = "rule";

    /// <summary>Secondary key by the groups whose members the rules let in.</summary>
    public const string RemoteRef = "remote";

    /// <summary>The group that every project has.</summary>
    public const string DefaultName = "default";

    [Id(0)] public SecurityGroupId Id { get; init; }
    [Id(1)] public ProjectId ProjectId { get; init; }
    [Id(2)] public string Name { get; init; } = "";
    [Id(3)] public string Description { get; init; } = "";
    [Id(4)] public bool Stateful { get; init; } = true;
    [Id(5)] public IReadOnlyList<SecurityRule> Rules { get; init; } = [];
    [Id(6)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(7)] public long Revision { get; init; }
    [Id(8)] public DateTimeOffset CreatedAt { get; init; }
    [Id(9)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The id of a project's default group, derived from the project's, so that it is made once whoever asks first.</summary>
    public static SecurityGroupId DefaultIdOf(ProjectId project) => NetworkIds.DefaultSecurityGroup(project);

    /// <summary>A new group: all goes out. The default group also lets its own members in.</summary>
    public static SecurityGroupState New(SecurityGroupId id, CreateSecurityGroup request, bool isDefault, DateTimeOffset now)
    {
        List<SecurityRule> rules = [];
        foreach (var ethertype in (string[])["IPv4", "IPv6"])
        {
            if (isDefault)
                rules.Add(Rule("ingress", ethertype) with { RemoteGroupId = id });
            rules.Add(Rule("egress", ethertype));
        }

        return new()
        {
            Id = id,
            ProjectId = request.ProjectId,
            Name = request.Name,
            Description = request.Description,
            Stateful = request.Stateful,
            Rules = rules,
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };

        SecurityRule Rule(string direction, string ethertype) => new()
        {
            Id = SecurityGroupRuleId.New(),
            GroupId = id,
            ProjectId = request.ProjectId,
            Direction = direction,
            EtherType = ethertype,
            CreatedAt = now,
        };
    }

    /// <summary>A change was made.</summary>
    public SecurityGroupState Touched(DateTimeOffset now) => this with { Revision = Revision + 1, UpdatedAt = now };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId.Text,
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs =
        [
            .. Rules.Select(static rule => new ResourceRef(RuleRef, rule.Id.Text)),
            .. Rules.Where(static rule => rule.RemoteGroupId is not null)
                .Select(static rule => new ResourceRef(RemoteRef, rule.RemoteGroupId!.Value.Text))
                .Distinct(),
        ],
    };
}

/// <summary>One rule: what it names may pass.</summary>
[GenerateSerializer, Immutable, Alias("network.security-rule")]
public sealed record SecurityRule
{
    [Id(0)] public required SecurityGroupRuleId Id { get; init; }
    [Id(1)] public required SecurityGroupId GroupId { get; init; }
    [Id(2)] public required ProjectId ProjectId { get; init; }

    /// <summary><c>ingress</c> or <c>egress</c>.</summary>
    [Id(3)] public required string Direction { get; init; }

    /// <summary><c>IPv4</c> or <c>IPv6</c>.</summary>
    [Id(4)] public required string EtherType { get; init; }
    [Id(5)] public string? Protocol { get; init; }
    [Id(6)] public int? PortMin { get; init; }
    [Id(7)] public int? PortMax { get; init; }
    [Id(8)] public string? RemoteIpPrefix { get; init; }
    [Id(9)] public SecurityGroupId? RemoteGroupId { get; init; }
    [Id(10)] public string Description { get; init; } = "";
    [Id(11)] public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A new security group.</summary>
[GenerateSerializer, Immutable, Alias("network.create-security-group")]
public sealed record CreateSecurityGroup
{
    [Id(0)] public required ProjectId ProjectId { get; init; }
    [Id(1)] public string Name { get; init; } = "";
    [Id(2)] public string Description { get; init; } = "";
    [Id(3)] public bool Stateful { get; init; } = true;
}

/// <summary>What a user changes; null leaves a thing as it is.</summary>
[GenerateSerializer, Immutable, Alias("network.security-group-change")]
public sealed record SecurityGroupChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public bool? Stateful { get; init; }
    [Id(3)] public IReadOnlyList<string>? Tags { get; init; }
    [Id(4)] public long? IfRevision { get; init; }
}

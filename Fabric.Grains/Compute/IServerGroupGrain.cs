using Fabric.Grains.Kernel;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>Servers that shall live together or apart. Its members are the servers whose record names it.</summary>
[GenerateSerializer, Immutable, Alias("compute.server-group-state")]
public sealed record ServerGroupState : IIndexedRecord
{
    /// <summary>The kind of the record in the index.</summary>
    public const string Kind = "server-group";

    /// <summary>A UUID.</summary>
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required ProjectId ProjectId { get; init; }
    [Id(3)] public required UserId UserId { get; init; }

    /// <summary><c>affinity</c>, <c>anti-affinity</c>, <c>soft-affinity</c> or <c>soft-anti-affinity</c>.</summary>
    [Id(4)] public required string Policy { get; init; }

    /// <summary>For anti-affinity: so many members may share a node; null for the default of one.</summary>
    [Id(5)] public int? MaxServerPerHost { get; init; }
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId.Text,
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = CreatedAt,
        Refs = [new("user", UserId.Text)],
    };

    /// <summary>The groups of a project, or those that one user made in it.</summary>
    public static ResourceQuery Of(ProjectId project, UserId? user)
    {
        var all = new ResourceQuery(Kind) { ProjectId = project.Text };
        return user is { } one ? all.WithRef("user", one.Text) : all;
    }
}

/// <summary>One server group; the key is its id.</summary>
[Alias("compute.server-group")]
public interface IServerGroupGrain : IGrainWithStringKey
{
    /// <summary>Makes the record. <see cref="IComputeProjectGrain.CreateServerGroup"/> counts; nobody else calls this.</summary>
    [Alias("Create")]
    Task<ServerGroupState> Create(ServerGroupState group);

    /// <summary>Finds a node for a member as the policy says, and holds its resources there. One member after another, so that two
    /// that are built at the same time see each other. A group that is gone sets no conditions.</summary>
    /// <exception cref="Fault">Conflict of type <c>NoValidHost</c> when no node can take it.</exception>
    [Alias("Place")]
    [ResponseTimeout("00:02:00")]
    Task<NodeClaim> Place(InstanceId member, ResourceRequest request);

    /// <summary>Removes it; its servers stay. Throws a not-found fault when there is none.</summary>
    [Alias("Delete")]
    Task Delete();
}

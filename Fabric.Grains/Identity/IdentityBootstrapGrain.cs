using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>What the first start makes, with the ids chosen before anything is made: a crash in between leaves nothing that the next
/// start does not find again.</summary>
[GenerateSerializer, Immutable, Alias("identity.bootstrap")]
public sealed record BootstrapPlan : IIndexedRecord
{
    [Id(0)] public required UserId AdminId { get; init; }
    [Id(1)] public required UserId DemoId { get; init; }
    [Id(2)] public required ProjectId AdminProjectId { get; init; }
    [Id(3)] public required ProjectId ServicesProjectId { get; init; }
    [Id(4)] public required ProjectId DemoProjectId { get; init; }
    [Id(5)] public required RoleId AdminRoleId { get; init; }
    [Id(6)] public required RoleId ManagerRoleId { get; init; }
    [Id(7)] public required RoleId MemberRoleId { get; init; }
    [Id(8)] public required RoleId ReaderRoleId { get; init; }

    /// <summary>All of it is there. What an operator deletes later stays deleted.</summary>
    [Id(9)] public bool Done { get; init; }

    /// <summary>The services entered into the catalog so far.</summary>
    [Id(10)] public IReadOnlyList<PlannedService> Services { get; init; } = [];
    [Id(11)] public required DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = CreatedAt, UpdatedAt = CreatedAt };

    internal static BootstrapPlan New(DateTimeOffset now) => new()
    {
        AdminId = UserId.New(),
        DemoId = UserId.New(),
        AdminProjectId = ProjectId.New(),
        ServicesProjectId = ProjectId.New(),
        DemoProjectId = ProjectId.New(),
        AdminRoleId = RoleId.New(),
        ManagerRoleId = RoleId.New(),
        MemberRoleId = RoleId.New(),
        ReaderRoleId = RoleId.New(),
        CreatedAt = now,
    };
}

/// <summary>A service to enter into the catalog.</summary>
/// <param name="Type">OpenStack's service type.</param>
/// <param name="ServiceId">Its id.</param>
/// <param name="PublicId">Id of its public endpoint.</param>
/// <param name="InternalId">Id of its internal endpoint.</param>
/// <param name="AdminId">Id of its admin endpoint.</param>
/// <param name="Done">All are there.</param>
[GenerateSerializer, Immutable, Alias("identity.plannedservice")]
public sealed record PlannedService(
    [property: Id(0)] string Type,
    [property: Id(1)] string ServiceId,
    [property: Id(2)] string PublicId,
    [property: Id(3)] string InternalId,
    [property: Id(4)] string AdminId,
    [property: Id(5)] bool Done);

/// <summary>Remembers what the first start made. Its key is <see cref="Key"/>.</summary>
[Alias("identity.IBootstrapGrain")]
public interface IIdentityBootstrapGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "identity";

    /// <summary>The plan, made and durable when it returns.</summary>
    Task<BootstrapPlan> Plan();

    /// <summary>The plan is carried out.</summary>
    Task Done();

    /// <summary>The ids of a service, chosen and durable when it returns.</summary>
    Task<PlannedService> PlanService(string type);

    /// <summary>The service stands in the catalog.</summary>
    Task ServiceDone(string type);
}

/// <inheritdoc cref="IIdentityBootstrapGrain"/>
[GrainType("identity_bootstrap")]
internal sealed class IdentityBootstrapGrain(
    [PersistentState(IdentityKinds.Bootstrap, StorageNames.Records)] IPersistentState<BootstrapPlan> record, TimeProvider time)
    : Grain, IIdentityBootstrapGrain
{
    public async Task<BootstrapPlan> Plan()
    {
        if (!record.RecordExists)
            await record.Write(BootstrapPlan.New(time.GetUtcNow()));
        return record.State;
    }

    public Task Done() => record.Write(record.State with { Done = true });

    public async Task<PlannedService> PlanService(string type)
    {
        if (record.State.Services.FirstOrDefault(planned => planned.Type == type) is { } known)
            return known;
        var id = ResourceIdText.NewHex;
        var service = new PlannedService(type, id(), id(), id(), id(), Done: false);
        await record.Write(record.State with { Services = [.. record.State.Services, service] });
        return service;
    }

    public Task ServiceDone(string type) => record.Write(record.State with
    {
        Services = [.. record.State.Services.Select(planned => planned.Type == type ? planned with { Done = true } : planned)],
    });
}

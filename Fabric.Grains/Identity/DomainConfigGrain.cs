using System.Text.Json.Nodes;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <inheritdoc cref="IDomainConfigGrain"/>
[GrainType("domain_config")]
internal sealed class DomainConfigGrain(
    [PersistentState(IdentityKinds.DomainConfig, StorageNames.Records)] IPersistentState<DomainConfigState> record, TimeProvider time)
    : Grain, IDomainConfigGrain
{
    public async Task<bool> Set(ConfigText groups)
    {
        var fresh = !record.RecordExists;
        await Write(groups.Text);
        return fresh;
    }

    public Task Merge(ConfigText groups, string? group, string? option)
    {
        if (group is not null)
            Require(group, option);
        return Write(DomainConfigState.Merge(record.RecordExists ? record.State.Read() : [], groups.Text));
    }

    public async Task Remove(string? group, string? option)
    {
        if (group is not null)
            Require(group, null);
        if (group is not null && option is not null)
            Require(group, option);
        var left = group is null ? [] : Without(record.State.Read(), group, option);
        if (left.Count > 0)
        {
            await Write(left.ToJsonString());
            return;
        }

        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private static JsonObject Without(JsonObject all, string group, string? option)
    {
        if (option is not null && all[group] is JsonObject options)
            options.Remove(option);
        if (option is null || all[group] is JsonObject { Count: 0 })
            all.Remove(group);
        return all;
    }

    private void Require(string group, string? option)
    {
        if (!record.RecordExists || !record.State.Has(group, option))
            throw DomainConfigOptions.NotFound(this.GetPrimaryKeyString(), group, option);
    }

    private Task Write(string groups)
    {
        var now = time.GetUtcNow();
        return record.Write(new DomainConfigState
        {
            DomainId = new UserDomainId(this.GetPrimaryKeyString()),
            Groups = new(groups),
            CreatedAt = record.RecordExists ? record.State.CreatedAt : now,
            UpdatedAt = now,
        });
    }
}
